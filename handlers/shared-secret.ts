import { hash, timingSafeEqual } from "node:crypto";

/** Whether two secrets are the same, in a time that does not tell how much of them is. */
export function isSame(given: string, secret: string): boolean {
  return timingSafeEqual(digestOf(given), digestOf(secret));
}

function digestOf(text: string): Buffer {
  return hash("sha256", text, "buffer");
}

/** What stands behind `Basic`, HTTP's own way of authentication; without a colon it is both. */
export function basicOf(credentials: string): { readonly user: string; readonly password: string } {
  const text = Buffer.from(credentials, "base64").toString("utf8");
  return { user: text.split(":", 1)[0] ?? "", password: text.replace(/^[^:]*:/, "") };
}
