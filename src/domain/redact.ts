/** Takes out of text from outside what nobody else should read: secrets that we know, and what looks like one. */

export const REDACTED = "[redacted]";

/** Shorter ones would take ordinary words out. */
const SHORTEST = 6;

/** What looks like a credential, with what stands before it and stays. */
const LOOKS_LIKE: readonly RegExp[] = [
  /()\bxox[a-z]-[\w-]{8,}/g,
  /()\bxapp-[\w-]{8,}/g,
  /()\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /()\b(?:gh[opsur]|github_pat|glpat|sk|rk|pk)[_-][A-Za-z0-9_-]{16,}/g,
  /()\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?/g,
  /()-----BEGIN [A-Z ]*PRIVATE KEY-----.*/g,
  /(\b[a-z][a-z0-9+.-]*:\/\/[^\s:@/]*:)[^\s@/]+(?=@)/gi,
  /(\b(?:bearer|basic)\s+)[\w.~+/=-]{8,}/gi,
  /((?:password|passwd|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credentials?)["']?\s*[=:]\s*["']?)[^\s"',;&]{3,}/gi,
];

/** A function that takes these secrets out, in the forms in which programs print them, and what looks like one. */
export function redactor(secrets: readonly string[]): (text: string) => string {
  const forms = [...new Set(secrets.flatMap(formsOf))].toSorted((a, b) => b.length - a.length);
  return (text) => {
    const known = forms.reduce((left, form) => left.replaceAll(form, REDACTED), text);
    return LOOKS_LIKE.reduce((left, pattern) => left.replace(pattern, `$1${REDACTED}`), known);
  };
}

function formsOf(secret: string): string[] {
  const whole = secret.trim();
  const parts = [whole, ...whole.split(/\r?\n/).map((line) => line.trim()), passwordIn(whole)];
  return parts
    .filter((part) => part.length >= SHORTEST)
    .flatMap((part) => [part, encodeURIComponent(part), ...base64(part), JSON.stringify(part).slice(1, -1)]);
}

/** Of an address with one, which programs also print alone. */
function passwordIn(text: string): string {
  const written = URL.canParse(text) ? new URL(text).password : "";
  try {
    return decodeURIComponent(written);
  } catch {
    return written;
  }
}

/** Whole, and without its end, which is another one where more text follows. */
function base64(text: string): string[] {
  const whole = btoa(String.fromCharCode(...new TextEncoder().encode(text)));
  return [whole, whole.replace(/=+$/, "").slice(0, -1)];
}
