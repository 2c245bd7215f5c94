import type { App } from "./app.ts";
import type { Actor } from "./domain/actor.ts";
import { awayStatusIn, type AwayStatus } from "./domain/away-status.ts";
import { addMilliseconds, subMilliseconds } from "./domain/time.ts";
import { isZone } from "./domain/wall-time.ts";
import { objectIn, textOf } from "./domain/json-object.ts";
import { Unavailable } from "./errors.ts";
import { personOfAccount } from "./people.ts";
import { isLacking, SlackLimited, SlackRefused, SlackSilent, type Answer } from "./slack-client.ts";
import { accountById, awayAccounts, saveAccount, type Account } from "./store/accounts.ts";

/** What Slack says of people's accounts, kept for a while. */

const FRESH = 60_000; // ms that what Slack said about an account may be believed

/** Who stands behind a Slack account: what the catalog says of the person, and what Slack says of the account. */
export async function actorOf(app: App, team: string, account: string): Promise<Actor> {
  const known = await accountOf(app, team, account);
  const person = personOfAccount(app.inForce().catalog, account);
  return {
    person: person?.key ?? null,
    account,
    team,
    kind: known.kind,
    role: person?.role ?? null,
    services: person?.services ?? {},
    name: person?.name ?? known.name,
  };
}

/** By whose clocks somebody means what they say: the zone that the catalog has for them, else Slack, else its digest, else UTC. */
export async function accountZone(app: App, actor: Actor): Promise<string> {
  const { people, digests } = app.inForce().catalog;
  const own = actor.person === null ? undefined : people[actor.person]?.zone;
  if (own !== undefined) return own;
  const known = (await accountById(app.db, actor.team, actor.account))?.zone ?? "";
  if (isZone(known)) return known;
  return digests[0]?.zone ?? "UTC";
}

const STILL_THERE = 10 * 60_000; // ms that Slack's word on whether somebody left may be believed

/**
 * Asks Slack whether people's accounts are still there, where that was not asked lately; whether that changed anything.
 * Where Slack does not answer, it stays as it was.
 */
export async function refreshPeople(app: App, people: readonly string[]): Promise<boolean> {
  const { team } = app.workspace;
  if (team === null) return false;
  const accounts = people.flatMap((person) => app.inForce().catalog.people[person]?.slack ?? []);
  const outcomes = await Promise.all(accounts.map((account) => refreshOne(app, team, account)));
  return outcomes.includes(true);
}

const PUT_OFF = 60_000; // ms for which somebody of whom Slack said nothing is not asked for again, unless Slack says how long

async function refreshOne(app: App, team: string, account: string): Promise<boolean> {
  const known = await accountById(app.db, team, account);
  if (known !== null && isWithin(app, known.fetchedAt, STILL_THERE)) return false;
  const { unanswered } = app.memory;
  if ((unanswered.get(account) ?? app.now()) > app.now()) return false;
  try {
    const fetched = await fetchAccount(app, team, account);
    await saveAccount(app.db, fetched);
    return fetched.kind !== (known?.kind ?? "member");
  } catch (err) {
    app.log.warn({ err, account }, "Slack does not say whether somebody is still there");
    const limited = err instanceof Unavailable && err.cause instanceof SlackLimited ? err.cause.retryAfter : PUT_OFF;
    unanswered.set(account, addMilliseconds(app.now(), limited));
    return false;
  }
}

function isWithin(app: App, when: Date, ms: number): boolean {
  return app.now().getTime() - when.getTime() < ms;
}

const STILL_SHOWN = 30 * 60_000; // ms that a status counts which Slack did not tell again

/** People who are away by their Slack status. It counts only while Slack has told of it lately. */
export async function awayByStatus(app: App): Promise<ReadonlyMap<string, AwayStatus>> {
  const now = app.now();
  const all = await awayAccounts(app.db, { now, heard: subMilliseconds(now, STILL_SHOWN) });
  const shown = new Map(all.map(({ account, away, awayUntil }) => [account, { words: away, until: awayUntil }]));
  return new Map(
    Object.values(app.inForce().catalog.people).flatMap(({ key, slack: [account = ""] }) => {
      const status = shown.get(account);
      return status === undefined ? [] : [[key, status]];
    }),
  );
}

async function accountOf(app: App, team: string, account: string): Promise<Account> {
  const cached = await accountById(app.db, team, account);
  if (cached !== null && isWithin(app, cached.fetchedAt, FRESH)) return cached;
  try {
    const fetched = await fetchAccount(app, team, account);
    await saveAccount(app.db, fetched);
    return fetched;
  } catch (error) {
    // Whoever is awake at two in the morning is not locked out because Slack stumbles.
    if (error instanceof Unavailable && cached !== null && isWithin(app, cached.fetchedAt, STILL_THERE)) return cached;
    throw error;
  }
}

/** Slack's words for somebody whom it does not show us. */
const UNSEEN = new Set(["user_not_found", "user_not_visible", "users_not_found"]);

async function fetchAccount(app: App, team: string, account: string): Promise<Account> {
  try {
    const { user } = await app.slack.call("users.info", { user: account });
    if (typeof user !== "object" || user === null)
      throw new SlackSilent("Slack's answer to users.info has no user in it");
    return toAccount(app, team, account, user as Answer);
  } catch (cause) {
    // Somebody whom Slack does not show us is a stranger; whatever else it says, nobody gets to act, or is kept from it, on a guess.
    if (cause instanceof SlackRefused && (UNSEEN.has(cause.error) || isLacking(cause)))
      return {
        team,
        account,
        kind: "external",
        name: account,
        zone: null,
        away: null,
        awayUntil: null,
        fetchedAt: app.now(),
      };
    throw new Unavailable("Slack does not say who you are right now.", { cause, hint: "Try again in a minute." });
  }
}

const KINDS: readonly (readonly [flag: string, kind: Account["kind"]])[] = [
  ["deleted", "deactivated"],
  ["is_bot", "bot"],
  ["is_stranger", "external"],
  ["is_ultra_restricted", "guest"],
  ["is_restricted", "guest"],
];

/**
 * Whether they belong to the workspace that we serve. In an organisation with several (Enterprise Grid) people belong to some of
 * them; as their one team Slack names any of these, the organisation, or none.
 */
function isOurs({ workspace: { team: ours, enterprise } }: App, team: string, user: Answer): boolean {
  if (ours === null) return true;
  const inGrid = objectIn(user, "enterprise_user")["teams"];
  const teams: readonly unknown[] = [textOf(user["team_id"]) ?? team, ...(Array.isArray(inGrid) ? inGrid : [])];
  return teams.includes(ours) || (enterprise !== null && teams.includes(enterprise));
}

function toAccount(app: App, team: string, account: string, user: Answer): Account {
  const kind = KINDS.find(([flag]) => user[flag] === true)?.[1] ?? (isOurs(app, team, user) ? "member" : "external");
  const name = textOf(user["real_name"]) ?? textOf(user["name"]) ?? account;
  const away = awayStatusIn(user["profile"]);
  return {
    team,
    account,
    kind,
    name,
    zone: textOf(user["tz"]),
    away: away?.words ?? null,
    awayUntil: away?.until ?? null,
    fetchedAt: app.now(),
  };
}
