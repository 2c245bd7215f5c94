import type { Item } from "./item.ts";
import { formatDuration } from "./measures.ts";

/** So much at once in one channel that nobody can read it: one item tells of all the others, until it is over. */

/** More than so many new items within so many ms are a storm. */
export type StormRule = { readonly items: number; readonly within: number };

export const USUAL_STORM: StormRule = { items: 20, within: 60_000 };

/** Null where the catalog wants none. */
export function stormRule({ storm }: { readonly storm?: StormRule | null | undefined }): StormRule | null {
  return storm === undefined ? USUAL_STORM : storm;
}

/** It is over when none of the last so many spans of the rule had more than the rule says. */
export const CALM_SPANS = 5;

/** Critical items that have their own card although a storm is on: the first of each service, and no more than this. */
export const OWN_CARDS = 10;

/** How much of one service is part of a storm. */
export type StormTally = {
  readonly name: string | null;
  readonly all: number;
  readonly open: number;
  readonly critical: number;
};

const SERVICES_SHOWN = 4;

/** What a storm's card says: how much there is, by service with the gravest first, and what the gravest of it are. */
export function stormSaid(
  tallies: readonly StormTally[],
  gravest: readonly Pick<Item, "id" | "summary" | "service">[],
): Pick<Item, "severity" | "summary" | "evidence"> {
  const [all, open, critical] = (["all", "open", "critical"] as const).map((key) => sum(tallies, key));
  const shown = tallies.filter((each) => each.open > 0).slice(0, SERVICES_SHOWN);
  const rest = tallies.filter((each) => each.open > 0).slice(SERVICES_SHOWN);
  const services = [
    ...shown.map((each) => `${each.name ?? "of no service"} ${tallyWords(each)}`),
    ...(rest.length === 0 ? [] : [`${rest.length} more ${sum(rest, "open")}`]),
  ];
  return {
    severity: (critical ?? 0) > 0 ? "critical" : "warning",
    summary: `storm: ${all} new items at once, ${open === 0 ? "none" : open} still open${(critical ?? 0) > 0 ? `, ${critical} critical` : ""}`,
    evidence: {
      ...Object.fromEntries(
        gravest.map(({ id, service, summary }) => [`#${id}`, service === null ? summary : `${service}: ${summary}`]),
      ),
      ...(services.length === 0 ? {} : { "by service": services.join(", ") }),
    },
  };
}

function tallyWords({ open, critical }: StormTally): string {
  return critical === 0 ? `${open}` : `${open} (${critical} critical)`;
}

function sum(tallies: readonly StormTally[], key: "all" | "open" | "critical"): number {
  return tallies.reduce((total, each) => total + each[key], 0);
}

/** "1000 items of 3 services in 14 min, 12 still open" */
export function stormTotals(tallies: readonly StormTally[], lasted: number): string {
  const all = sum(tallies, "all");
  const open = sum(tallies, "open");
  const services = tallies.filter(({ name }) => name !== null).length;
  const of = services === 0 ? "" : ` of ${services} ${services === 1 ? "service" : "services"}`;
  const left = open === 0 ? "all over" : `${open} still open, which get cards of their own`;
  return `${all} ${all === 1 ? "item" : "items"}${of} in ${formatDuration(lasted)}, ${left}`;
}
