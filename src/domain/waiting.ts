import type { Observation } from "./observation.ts";

/** What somebody has yet to do to a target so that it is up to date: apply an update, reboot a server. */

export type Waiting = {
  readonly what: "update" | "reboot";
  /** Of the update, or of the server. */
  readonly name: string;
  /** What it is, or why; empty where nobody says. */
  readonly why: string;
  /** Whether it mends a weakness; undefined where nobody says. */
  readonly isSecurity?: boolean | undefined;
  /** When it is applied by itself; null where no time is set. */
  readonly due: Date | null;
  /** Since when Daytwo sees it; null before that is kept. */
  readonly since: Date | null;
};

/** In the order of the provider; undefined where it tells neither of updates nor of servers now. */
export function waitingIn({ updates, servers, waitsSince = {} }: Observation): Waiting[] | undefined {
  if (updates === undefined && servers === undefined) return undefined;
  const found = [
    ...(updates ?? []).map(({ name, summary: why, due, isSecurity }) => ({
      what: "update" as const,
      name,
      why,
      due,
      isSecurity,
    })),
    ...(servers ?? []).flatMap(({ name, needsReboot: why }) =>
      why === undefined ? [] : [{ what: "reboot" as const, name, why, due: null }],
    ),
  ];
  return found.map((each) => ({ ...each, due: dateOf(each.due), since: dateOf(waitsSince[keyOf(each)] ?? null) }));
}

/** Since when each of them waits, as `Observation.waitsSince` has it. What a look could not see may wait as before. */
export function waitsSince(before: Observation | null, seen: Observation, now: Date): Observation["waitsSince"] {
  const known = before?.waitsSince;
  const waiting = waitingIn(seen);
  if (waiting === undefined) return known;
  const unseen = Object.entries(known ?? {}).filter(
    ([key]) => (key.startsWith("update ") ? seen.updates : seen.servers) === undefined,
  );
  return Object.fromEntries([
    ...unseen,
    ...waiting.map((each) => [keyOf(each), known?.[keyOf(each)] ?? now.toISOString()] as const),
  ]);
}

function keyOf({ what, name }: Pick<Waiting, "what" | "name">): string {
  return `${what} ${name}`;
}

function dateOf(moment: string | null): Date | null {
  return moment === null ? null : new Date(moment);
}
