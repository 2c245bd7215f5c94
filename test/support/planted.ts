import { createHash } from "node:crypto";

/** Secrets of every sort, the same in each run, and the shapes in which programs print them. */

export type Planted = {
  /** What the file or variable holds that the catalog names. */
  readonly value: string;
  /** The part of it that is random throughout. */
  readonly secret: string;
  /** Whether it can be sent as an HTTP header. */
  readonly isHeader: boolean;
};

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** So many characters that nobody can guess, from a name. */
function random(name: string, length: number, from = LETTERS): string {
  const letters = Array.from(from);
  const bytes = [0, 1].flatMap((part) => [...createHash("sha512").update(`${name}/${part}`).digest()]);
  return bytes
    .slice(0, length)
    .map((byte) => letters[byte % letters.length])
    .join("");
}

const KINDS: readonly ((name: string) => Planted)[] = [
  (name) => plain(random(name, 32)),
  (name) => plain(`${random(`${name}a`, 10)}+++${random(`${name}b`, 12)}+/=`),
  (name) => plain(random(name, 36, `${LETTERS}"'\\$&%<>{}()*~#;|`)),
  (name) => {
    const secret = random(name, 28, `${LETTERS}äß§€é`);
    return { value: secret, secret, isHeader: false };
  },
  (name) => {
    const secret = `${random(`${name}a`, 24)}\n${random(`${name}b`, 24)}`;
    return { value: `${secret}\n`, secret, isHeader: false };
  },
  (name) => {
    const secret = random(name, 26, `${LETTERS}@:/+`);
    return {
      value: `postgres://shop:${encodeURIComponent(secret)}@127.0.0.1:9/shop`,
      secret,
      isHeader: false,
    };
  },
  (name) => {
    const secret = random(name, 30);
    return { value: `Bearer ${secret}\n`, secret, isHeader: true };
  },
  (name) => plain(random(name, 40, "0123456789abcdef")),
];

function plain(secret: string): Planted {
  return { value: secret, secret, isHeader: /^[!-~]+$/.test(secret) };
}

export function plantedSecrets(count: number, seed = "planted"): Planted[] {
  return Array.from({ length: count }, (_, index) => (KINDS[index % KINDS.length] ?? plain)(`${seed} ${index}`));
}

/** A line, or several, that say a secret in the way a program would. */
export const SHAPES: Readonly<Record<string, (secret: string) => string>> = {
  "as it is": (secret) => `the key is ${secret}, they say`,
  "in an error": (secret) => `Error: login failed for "shop" with '${secret}'`,
  "in an address": (secret) => `cannot reach https://shop:${encodeURIComponent(secret)}@db.example/x?y=1`,
  "in a query": (secret) => `GET /x?${new URLSearchParams({ a: secret }).toString()}&b=1`,
  base64: (secret) => `dump ${Buffer.from(secret).toString("base64")}`,
  "basic authorisation": (secret) => `> Proxy: ${Buffer.from(`shop:${secret}`).toString("base64")}`,
  "base64 in the midst": (secret) => `blob ${Buffer.from(`ab${secret}cd`).toString("base64url")}`,
  hex: (secret) => `0x${Buffer.from(secret).toString("hex")}`,
  "upper hex": (secret) => `:${Buffer.from(`k=${secret}`).toString("hex").toUpperCase()}:`,
  "every byte": (secret) =>
    Buffer.from(secret)
      .toString("hex")
      .replaceAll(/../g, (byte) => `%${byte}`),
  JSON: (secret) => JSON.stringify({ a: [secret], b: 1 }),
  "JSON in JSON": (secret) => JSON.stringify({ log: JSON.stringify({ a: secret }) }),
  "cut in two": (secret) => `first ${secret.slice(0, secret.length / 2)}\n${secret.slice(secret.length / 2)} second`,
  "base64 in lines": (secret) =>
    Buffer.from(`${"x".repeat(50)}${secret}`)
      .toString("base64")
      .replaceAll(/.{76}/g, "$&\n"),
};
