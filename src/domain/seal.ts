import { createHash } from "node:crypto";

/** The rule of the chain, so that anybody can check it with the rows alone; decision 7 spells it out. */

/** One link: a seal and every column of its event, each as PostgreSQL writes it, times in microseconds since 1970. */
export type Link = {
  readonly seq: string;
  readonly sealedAt: string;
  readonly id: string;
  readonly at: string;
  readonly kind: string;
  readonly item: string | null;
  readonly operation: string | null;
  readonly service: string | null;
  readonly person: string | null;
  readonly account: string | null;
  readonly surface: string;
  readonly detail: string;
};

/** The hash before the first one. */
export const GENESIS = "0".repeat(64);

const SHORT = 12; // characters of a head that people compare

/** SHA-256, in hex, over a JSON array of strings and nulls: quotes and commas in a value cannot move a border. */
export function sealHash(previous: string, link: Link): string {
  const { seq, sealedAt, id, at, kind, item, operation, service, person, account, surface, detail } = link;
  const covered = [previous, seq, sealedAt, id, at, kind, item, operation, service, person, account, surface, detail];
  return createHash("sha256").update(JSON.stringify(covered)).digest("hex");
}

export function shortHead(hash: string): string {
  return hash.slice(0, SHORT);
}
