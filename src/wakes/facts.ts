import type { Reference } from "../domain/secret-reference.ts";
import type { WakeState } from "../domain/wake.ts";
import { keepSecret } from "../redaction.ts";

/** What an alarm says, whichever way it goes. Texts are as they stand in the row. */
export type WakeFacts = {
  /** The same for everything that is said of one item to one person. */
  readonly key: string;
  readonly alarm: WakeState;
  /** "#151 shop: 38 % of requests fail" */
  readonly summary: string;
  readonly item: number | null;
  readonly service: string | null;
  readonly severity: "critical" | "warning";
  /** Name of whoever is meant. */
  readonly person: string;
  readonly at: Date;
  readonly since: Date;
  readonly links: readonly { readonly href: string; readonly text: string }[];
};

export type Use = { secret(reference: Reference): Promise<string> };

/** An address that is written, or kept elsewhere; who knows it may use it. */
export async function addressOf(url: string | Reference, use: Use): Promise<string> {
  if (typeof url !== "string") return (await use.secret(url)).trim();
  keepSecret(new URL(url).pathname.split("/").at(-1));
  return url;
}
