/** Looks for secrets in bytes: whole, or a run of characters of one, in any of the encodings that things are kept in. */

export type Needles = {
  /** What was found, as "which secret, how it was written, and where": nothing is well. */
  find(bytes: Uint8Array | string): string[];
};

/** So many characters of an encoded secret in a row are no coincidence, and say too much. */
const RUN = 12;

/** How bytes are written by what keeps them; each by its own hand, not by the code that hides them. */
export const ENCODINGS: Readonly<Record<string, (secret: string) => readonly string[]>> = {
  raw: (secret) => [secret],
  "hex, lower": (secret) => [Buffer.from(secret).toString("hex")],
  "hex, upper": (secret) => [Buffer.from(secret).toString("hex").toUpperCase()],
  base64: (secret) => aligned(secret, "base64"),
  base64url: (secret) => aligned(secret, "base64url"),
  percent: (secret) => [encodeURIComponent(secret)],
  "percent, lower": (secret) => [encodeURIComponent(secret).replaceAll(/%../g, (code) => code.toLowerCase())],
  "percent, every byte": (secret) => [
    Buffer.from(secret)
      .toString("hex")
      .toUpperCase()
      .replaceAll(/../g, (byte) => `%${byte}`),
  ],
  form: (secret) => [new URLSearchParams({ x: secret }).toString().slice(2)],
  JSON: (secret) => [json(secret)],
  "JSON in JSON": (secret) => [json(json(secret))],
  "JSON in ASCII": (secret) => [
    json(secret).replaceAll(/[^ -~]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`),
  ],
  // As `copy … to stdout` writes text and jsonb.
  "a dump's text": (secret) => [secret.replaceAll("\\", "\\\\").replaceAll("\n", "\\n")],
  "a dump's JSON": (secret) => [json(secret).replaceAll("\\", "\\\\")],
  "Slack's text": (secret) => [secret.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")],
  "Slack's text in JSON": (secret) => [
    json(secret.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")),
  ],
};

function json(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** With each number of bytes before it, without what its neighbours share in. */
function aligned(secret: string, encoding: "base64" | "base64url"): string[] {
  return [0, 1, 2].map((before) => {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(secret)]);
    const from = Math.ceil((before * 8) / 6);
    return bytes.toString(encoding).slice(from, Math.floor((bytes.length * 8) / 6));
  });
}

/** @param secrets each of them random throughout, so that no run of it stands anywhere by chance */
export function openNeedles(secrets: readonly string[]): Needles {
  const runs = new Map<string, string>();
  const begins = new Uint8Array(1 << 24);
  for (const [index, secret] of secrets.entries())
    for (const [how, encode] of Object.entries(ENCODINGS))
      for (const form of encode(secret)) {
        const bytes = Buffer.from(form).toString("latin1");
        for (let at = 0; at + RUN <= bytes.length; at += 1) {
          const run = bytes.slice(at, at + RUN);
          if (new Set(run).size < 4 || runs.has(run)) continue;
          runs.set(run, `secret ${index} (${how})`);
          begins[slot(run.charCodeAt(0), run.charCodeAt(1), run.charCodeAt(2), run.charCodeAt(3))] = 1;
        }
      }
  return {
    find(given) {
      const bytes = typeof given === "string" ? Buffer.from(given) : Buffer.from(given);
      const found: string[] = [];
      for (let at = 0; at + RUN <= bytes.length && found.length < 20; at += 1) {
        if (begins[slot(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3])] !== 1) continue;
        const what = runs.get(bytes.toString("latin1", at, at + RUN));
        if (what === undefined) continue;
        found.push(`${what} in: ${bytes.toString("latin1", Math.max(0, at - 60), at + 60)}`);
        at += RUN - 1;
      }
      return found;
    },
  };
}

function slot(a = 0, b = 0, c = 0, d = 0): number {
  return ((a << 16) ^ (b << 11) ^ (c << 5) ^ d) & 0xff_ffff;
}
