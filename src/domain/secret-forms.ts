/** The forms in which programs print a secret. */

/** Shorter ones would take ordinary words out. */
export const SHORTEST = 6;
/** What many installations have as a password is a word of everybody's. */
const ORDINARY = new Set(["password", "postgres", "secret", "changeme", "default", "daytwo", "localhost"]);

/** No sentence, document or address, of which parts stand everywhere. */
export function isOneToken(piece: string): boolean {
  return !/\s|^[a-z][a-z0-9+.-]*:\/\//i.test(piece) && documentIn(piece) === undefined;
}

/** What a secret consists of that programs print alone: its lines, what stands behind `Bearer`, the password of an address. */
export function piecesOf(secret: string): string[] {
  const whole = secret.trim();
  const inConfig = secretsInKubeconfig(whole);
  if (inConfig !== null) return inConfig.filter((piece) => piece.length >= SHORTEST && !isOrdinary(piece));
  const lines = whole.split(/\r?\n/).map((line) => line.trim());
  const bare = lines.map((line) => line.replace(/^(bearer|basic|token)\s+/i, ""));
  const pieces = new Set([whole, ...lines, ...bare, ...passwordIn(whole), ...secretsInJson(whole)]);
  return [...pieces].filter((piece) => piece.length >= SHORTEST && !isOrdinary(piece));
}

/** A word of everybody's, or a line that only says what kind of key follows. */
function isOrdinary(piece: string): boolean {
  return ORDINARY.has(piece.toLowerCase()) || /^-----[^\n]*-----$/.test(piece);
}

/** Of a kubeconfig, whose other lines are names that stand everywhere: what is a credential in it; null of anything else. */
function secretsInKubeconfig(text: string): string[] | null {
  if (!/^\s*kind:\s*["']?Config["']?\s*$/m.test(text) || !/^\s*users:/m.test(text)) return null;
  const secret =
    /^[\s-]*(?:token|password|client-key-data|(?:id|access|refresh)-token|client-secret|value)\s*:\s*["']?([^\s"']+)/gm;
  return [...text.matchAll(secret)].flatMap(([, value]) => (value === undefined ? [] : [value]));
}

/** Of an address with one, as it is written there and as it is meant. One that is also a name in it is no secret. */
function passwordIn(text: string): string[] {
  const address = URL.canParse(text) ? new URL(text) : null;
  if (address === null || address.password === "") return [];
  const { username, password, hostname, pathname } = address;
  const names = new Set([username, hostname, ...pathname.split("/")]);
  return [password, decoded(password)].filter((each) => !names.has(each));
}

function decoded(written: string): string {
  try {
    return decodeURIComponent(written);
  } catch {
    return written;
  }
}

const SECRET_NAMES = /key|token|secret|passw|credential/i;

/** Of a document, what stands under a name that says so. */
function secretsInJson(text: string): string[] {
  return secretsUnder(documentIn(text), false);
}

function documentIn(text: string): unknown {
  if (!/^[{[]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function secretsUnder(value: unknown, named: boolean): string[] {
  if (typeof value === "string") return named && !value.includes("://") ? [value, ...value.split("\n")] : [];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => secretsUnder(inner, named || SECRET_NAMES.test(name)));
}

/** As it is, and as programs write it into addresses, documents and dumps. */
export function formsOf(piece: string): string[] {
  const bytes = [...new TextEncoder().encode(piece)];
  const hex = bytes.map((byte) => byte.toString(16).padStart(2, "0"));
  const percent = encodeURIComponent(piece);
  const strict = percent.replaceAll(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
  const written = JSON.stringify(piece).slice(1, -1);
  const forms = [
    piece,
    ...[percent, strict].flatMap((form) => [form, form.replaceAll(/%../g, (code) => code.toLowerCase())]),
    strict.replaceAll("%20", "+").replaceAll("%2A", "*").replaceAll("~", "%7E"),
    hex.map((byte) => `%${byte}`).join(""),
    hex.map((byte) => `%${byte.toUpperCase()}`).join(""),
    hex.join(""),
    hex.join("").toUpperCase(),
    ...base64(bytes).flatMap((form) => [form, form.replaceAll("+", "-").replaceAll("/", "_")]),
    written,
    inAscii(written),
    inAscii(written.replaceAll(/[&<>]/g, escaped)),
    written.replaceAll("/", "\\/"),
    JSON.stringify(written).slice(1, -1),
    piece.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;"),
  ];
  return [...new Set(forms.map((form) => form.replaceAll(/[\r\n]/g, "")))].filter((form) => form.length >= SHORTEST);
}

function inAscii(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, escaped);
}

function escaped(sign: string): string {
  return `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** Whole, and as it reads in the midst of other bytes: what its neighbours share in at both ends is left off. */
function base64(bytes: readonly number[]): string[] {
  const within = [0, 2, 3].map((lead, before) => {
    const text = btoa(String.fromCharCode(...Array.from({ length: before }, () => 0), ...bytes));
    const shared = (before + bytes.length) % 3 === 0 ? 0 : 1;
    const end = text.indexOf("=") === -1 ? text.length : text.indexOf("=");
    return text.slice(lead, end - shared);
  });
  return [btoa(String.fromCharCode(...bytes)), ...within];
}
