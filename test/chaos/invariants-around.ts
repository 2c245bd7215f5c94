import type { Evidence, StoredOperation } from "./evidence.ts";
import type { Deed } from "./history.ts";
import type { Breach } from "./breach.ts";

/** What must hold around the effects: what people were told, the log, the cards, and the processes themselves. */

function at(time: number): string {
  return new Date(time).toISOString().slice(11, 23);
}

/** Requests that Slack delivered became operations, each once; what people were told about them is so. */
export function acknowledged(evidence: Evidence): Breach[] {
  return [...toldAndGone(evidence), ...lostOrDoubled(evidence), ...unfinished(evidence)];
}

function toldAndGone(evidence: Evidence): Breach[] {
  const known = new Set(evidence.operations.map(({ id }) => id));
  const approved = new Set(evidence.approvals.map(({ operation, account }) => `${operation} ${account}`));
  return [...evidence.history.told.entries()].flatMap(([key, { account, text }]) => {
    if (!isHere(evidence, key)) return [];
    const requested = /op-(\d+) is asked for/.exec(text)?.[1];
    const decided = /You approved op-(\d+)/.exec(text)?.[1];
    const lost =
      (requested !== undefined && !known.has(Number(requested))) ||
      (decided !== undefined && !approved.has(`${decided} ${account}`));
    return lost ? [{ what: `${account} was told what the database does not know`, evidence: [text] }] : [];
  });
}

/** Told in this installation's workspace. */
function isHere({ workspace }: Evidence, key: string): boolean {
  return key.startsWith(`${workspace} `);
}

/** There are no more operations than there were requests for them, and no fewer than were acknowledged and not refused. */
function lostOrDoubled(evidence: Evidence): Breach[] {
  const perService = Map.groupBy(
    evidence.history.deeds.filter(({ kind, service }) => kind === "request" && evidence.sites.has(service)),
    ({ service }) => service,
  );
  return [...perService].flatMap(([service, deeds]) => {
    const made = evidence.operations.filter((operation) => operation.service === service);
    const shown = [
      ...deeds.map((deed) => `${deed.account} asked at ${at(deed.at)}${deed.acked ? "" : ", not acknowledged"}`),
      ...made.map(({ id, requestedAt }) => `op-${id} at ${at(requestedAt)}`),
    ];
    if (isDoubled(made, deeds)) return [{ what: `a request for ${service} became two operations`, evidence: shown }];
    const missing = deeds.filter(({ acked }) => acked).length - made.length;
    return missing > refusals(evidence, deeds)
      ? [{ what: `a request for ${service} that was acknowledged is lost`, evidence: shown }]
      : [];
  });
}

const EARLY = 100; // ms that the bot's clock may be behind ours

/** Whether at some moment there were more operations than requests: one may come late, and none comes twice. */
function isDoubled(made: readonly StoredOperation[], deeds: readonly Deed[]): boolean {
  return made.some(
    ({ requestedAt }, index) => deeds.filter((deed) => deed.at - EARLY <= requestedAt).length < index + 1,
  );
}

/** How often those who asked were told that it came to nothing. */
function refusals(evidence: Evidence, deeds: readonly Deed[]): number {
  const accounts = new Set(deeds.map(({ account }) => account));
  return [...evidence.history.told.entries()].filter(
    ([key, { account, text }]) => isHere(evidence, key) && accounts.has(account) && REFUSALS.test(text),
  ).length;
}

/** Reasons for which a request makes no operation. */
const REFUSALS =
  /asks for that already|comes first|That was done already|Something (broke|went wrong)|try again|press again/i;

/** Everything comes to an end, or waits for a person who was told. */
function unfinished(evidence: Evidence): Breach[] {
  return evidence.operations
    .filter(({ finished }) => !finished)
    .map(({ id, service, state, steps }) => ({
      what: `op-${id} on ${service} came to no end: ${[state, ...steps.map((step) => `step ${step.state}`)].join(", ")}`,
      evidence: evidence.events
        .filter(({ operation }) => operation === id)
        .map((event) => `event ${event.id} ${event.kind}, committed ${at(event.committed)}`),
    }));
}

export function chain({ record }: Evidence): Breach[] {
  if (record === null) return [];
  if (record.problem !== null) return [{ what: "the log does not verify", evidence: [record.problem] }];
  return record.behind === 0 ? [] : [{ what: `${record.behind} events were not sealed`, evidence: [] }];
}

export function converged({ postings }: Evidence): Breach[] {
  return postings.flatMap(({ id, subject, behind, why, card }) => {
    if (behind) return [{ what: `posting ${id} (${subject}) was not brought up to date`, evidence: [why] }];
    if (card === null || card.wanted === card.shown) return [];
    return [
      {
        what: `posting ${id} (${subject}) is not what its row says`,
        evidence: [`row: ${card.wanted.replaceAll("\n", " / ")}`, `Slack: ${card.shown.replaceAll("\n", " / ")}`],
      },
    ];
  });
}

export function digests({ digests: made }: Evidence): Breach[] {
  return made
    .filter(({ count }) => count > 1)
    .map(({ channel, date, count }) => ({ what: `${count} digests in ${channel} for ${date}`, evidence: [] }));
}

export function secrets({ leaks }: Evidence): Breach[] {
  return leaks.map((where) => ({ what: `a secret is in ${where}`, evidence: [] }));
}

const MEMORY = 400 * 2 ** 20; // bytes that one process may hold
const TALK = 32 * 2 ** 20; // bytes that one process may write
const CONNECTIONS = 200; // of the whole installation

export function bounded({ endings, memory, talk, connections }: Evidence): Breach[] {
  return [
    ...endings
      .filter(({ point, wasReady }) => point === null && wasReady)
      .map(({ id, code, at: when, lastWords }) => ({
        what: `${id} ended by itself (${code ?? "signal"}) at ${at(when)}`,
        evidence: lastWords
          .split("\n")
          .filter((line) => !line.startsWith("{"))
          .slice(0, 30),
      })),
    ...(memory > MEMORY ? [{ what: `a process held ${Math.round(memory / 2 ** 20)} MB`, evidence: [] }] : []),
    ...(talk.bytes > TALK
      ? [{ what: `${talk.id} wrote ${Math.round(talk.bytes / 2 ** 20)} MB`, evidence: [talk.lastWords.slice(-2_000)] }]
      : []),
    ...(connections > CONNECTIONS ? [{ what: `${connections} connections to the database`, evidence: [] }] : []),
  ];
}
