import { Denied } from "../errors.ts";
import { ROLES } from "./catalog.ts";
import type { Person, Role } from "./catalog.ts";
import type { Policy } from "./policy.ts";

/** Who may do what. Whoever changes something holds a `Permit` for it, and only `authorise` makes one. */

export const DEEDS = [
  "read",
  "digest",
  "demo",
  "acknowledge",
  "own",
  "release",
  "handOff",
  "snooze",
  "silence",
  "resolve",
  "noise",
  "note",
  "check",
  "add",
  "assign",
  "window",
  "freeze",
  "standIn",
  "putOnCall",
  "request",
  "approve",
  "deny",
  "goAlone",
  "cancel",
  "judge",
] as const;
export type Deed = (typeof DEEDS)[number];

export const ACTOR_KINDS = ["member", "guest", "external", "bot", "deactivated"] as const;
export type ActorKind = (typeof ACTOR_KINDS)[number];

export type Actor = {
  /** Key in the catalog; null for somebody whom it does not know. */
  readonly person: string | null;
  /** Slack user id. */
  readonly account: string;
  /** Slack team id. */
  readonly team: string;
  readonly kind: ActorKind;
  /** Role by the catalog; null where `person` is null. */
  readonly role: Role | null;
  /** Role on single services where it differs. */
  readonly services: Readonly<Record<string, Role>>;
  readonly name: string;
};

/** What a deed is done on: facts that do not change while it is done. */
export type Ground = {
  readonly service?: string | undefined;
  /** The item or operation itself: it decides nothing, and a refusal is recorded on it. */
  readonly item?: number | undefined;
  readonly operation?: number | undefined;
  /** Whether the operation was asked for by the actor. */
  readonly ownRequest?: boolean | undefined;
  /** Whether the actor is on call for the service. */
  readonly onCall?: boolean | undefined;
  /** Of the action that is asked for. */
  readonly policy?: Pick<Policy, "role" | "approvers"> | undefined;
  readonly catalogHasPeople: boolean;
  /** Names of those who can change the catalog, for the hint; nobody in particular when empty. */
  readonly keepers?: readonly string[] | undefined;
};

declare const granted: unique symbol;

/** Proof that `authorise` allowed this deed to this actor, on this service. */
export type Permit<D extends Deed = Deed> = {
  readonly deed: D;
  readonly actor: Actor;
  readonly service: string | null;
  readonly [granted]: D;
};

/** @throws Denied with the reason, and with whom to ask or what to do instead as hint. */
export function authorise<D extends Deed>(deed: D, actor: Actor, on: Ground): Permit<D> {
  const refused = refusal(deed, actor, on);
  if (refused !== null) throw new Denied(refused.message, { hint: refused.hint, on });
  return { deed, actor, service: on.service ?? null } as Permit<D>;
}

/** Whether `authorise` would allow it; for showing or leaving out a button. */
export function may(deed: Deed, actor: Actor, on: Ground): boolean {
  return refusal(deed, actor, on) === null;
}

/** Everything that `authorise` would allow, in words: "take items". What only the demo can do is left out. */
export function allowed(actor: Actor, on: Ground): string[] {
  return DEEDS.filter((deed) => deed !== "demo" && may(deed, actor, on)).map((deed) => WORDS[deed]);
}

/** A deed as a refusal says it: "approve operations". */
export function deedWords(deed: Deed): string {
  return WORDS[deed];
}

type Refusal = { readonly message: string; readonly hint: string };

function refusal(deed: Deed, actor: Actor, on: Ground): Refusal | null {
  if (deed === "read" || deed === "digest") return null;
  if (actor.kind !== "member")
    return { message: `${KINDS[actor.kind]} can look, but not ${WORDS[deed]}.`, hint: FULL_MEMBER };
  if (deed === "demo") return null;
  if (!on.catalogHasPeople) return WITHOUT_PEOPLE.has(deed) ? null : nobodyYet(deed, actor);
  if (actor.person === null || actor.role === null) return unknownPerson(deed, actor, on);
  if (DECISIONS.has(deed) && on.ownRequest === true) {
    return {
      message: "Someone else must decide on your own request.",
      hint: "To withdraw it, cancel it: `/day2 cancel op-…`.",
    };
  }
  if (deed === "cancel" && on.ownRequest === true) return null;
  if (deed === "goAlone" && on.onCall !== true) return notOnCall(on);
  const role = (on.service === undefined ? undefined : actor.services[on.service]) ?? actor.role;
  const said = AS_POLICY_SAYS[deed];
  const needed = (said === undefined ? undefined : on.policy?.[said]) ?? LEAST[deed];
  return ROLES.indexOf(role) >= ROLES.indexOf(needed) ? null : roleTooLow({ deed, role, needed }, on);
}

/** The role that a deed needs where nothing else is said. */
const LEAST = {
  acknowledge: "operator",
  own: "operator",
  release: "operator",
  handOff: "operator",
  snooze: "operator",
  silence: "operator",
  resolve: "operator",
  noise: "operator",
  note: "operator",
  check: "operator",
  add: "operator",
  assign: "operator",
  window: "operator",
  freeze: "approver",
  standIn: "operator",
  putOnCall: "approver",
  request: "operator",
  approve: "approver",
  deny: "approver",
  goAlone: "operator",
  cancel: "approver",
  judge: "operator",
} as const satisfies Record<Exclude<Deed, "read" | "digest" | "demo">, Role>;

const DECISIONS: ReadonlySet<Deed> = new Set(["approve", "deny"]);

/** What the policy names another role for. Whoever may not ask for an action may not do it alone either. */
const AS_POLICY_SAYS: Readonly<Partial<Record<Deed, "role" | "approvers">>> = {
  request: "role",
  goAlone: "role",
  approve: "approvers",
  deny: "approvers",
};

/** What full members may do before the catalog names anybody; never an action on a target. */
const WITHOUT_PEOPLE: ReadonlySet<Deed> = new Set([
  "acknowledge",
  "own",
  "release",
  "snooze",
  "resolve",
  "noise",
  "note",
  "check",
  "add",
  "window",
]);

const WORDS: Readonly<Record<Deed, string>> = {
  read: "look",
  digest: "see the digest",
  demo: "change the demo",
  acknowledge: "acknowledge items",
  own: "take items",
  release: "give items back",
  handOff: "hand items over",
  snooze: "snooze items",
  silence: "silence alerts at their source",
  resolve: "resolve items",
  noise: "call items noise",
  note: "write notes",
  check: "start a check",
  add: "add and remove public addresses",
  assign: "assign responsibilities",
  window: "plan maintenance",
  freeze: "freeze changes",
  standIn: "stand in for others on call",
  putOnCall: "put others on call",
  request: "ask for actions",
  approve: "approve operations",
  deny: "deny operations",
  goAlone: "go alone without an approval",
  cancel: "cancel what others asked for",
  judge: "say how an operation ended",
};

const KINDS: Readonly<Record<Exclude<ActorKind, "member">, string>> = {
  guest: "Guests of this workspace",
  external: "People of another organisation",
  bot: "Bots and workflows",
  deactivated: "Deactivated accounts",
};

const FULL_MEMBER = "Ask a full member of this workspace to do it.";

function nobodyYet(deed: Deed, actor: Actor): Refusal {
  return {
    message: `Nobody may ${WORDS[deed]} yet, because the catalog names no people.`,
    hint: `Add the first ones to \`daytwo.yaml\`, such as yourself: ${catalogLine(actor)}`,
  };
}

function notOnCall(on: Ground): Refusal {
  const where = on.service === undefined ? "" : ` for ${on.service}`;
  return {
    message: `Only whoever is on call${where} may go alone without an approval.`,
    hint: "Ask them, or somebody who may approve it: `/day2 owners` says who is on call.",
  };
}

function unknownPerson(deed: Deed, actor: Actor, on: Ground): Refusal {
  return {
    message: `You are not in the catalog, so you can look, but not ${WORDS[deed]}.`,
    hint: `${whoCan(on)} can add you to \`daytwo.yaml\`: ${catalogLine(actor)}`,
  };
}

function roleTooLow(gap: { readonly deed: Deed; readonly role: Role; readonly needed: Role }, on: Ground): Refusal {
  const where = on.service === undefined ? "" : ` on ${on.service}`;
  return {
    message: `To ${WORDS[gap.deed]}${where} takes the role ${gap.needed}; yours is ${gap.role}.`,
    hint: `Ask somebody who has it, or ${whoCan(on, "whoever")} can change your role in \`daytwo.yaml\`.`,
  };
}

function whoCan(on: Ground, otherwise = "Whoever"): string {
  const names = on.keepers ?? [];
  return names.length === 0 ? `${otherwise} keeps the catalog` : names.join(" or ");
}

/** The line that makes somebody known, ready to be pasted beneath `people:`. */
export function catalogLine(actor: Pick<Actor, "name" | "account">): string {
  const plain = actor.name.normalize("NFD").replaceAll(/\p{M}/gu, "").toLowerCase();
  const slug = plain
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replace(/^[^a-z]+/, "")
    .slice(0, 40)
    .replace(/-+$/, "");
  const key =
    slug === "" || /^(nobody|me|(?:team|rotation)-.*)$/.test(slug) ? `person-${actor.account.toLowerCase()}` : slug;
  return `\`people: { ${key}: { name: ${JSON.stringify(actor.name.replaceAll("`", "'"))}, slack: ${actor.account}, role: operator } }\``;
}

/** The line that somebody has in the catalog, as it would be written on its own. */
export function personLine(person: Person): string {
  const [only, ...more] = person.slack;
  const roles = Object.entries(person.services).map(([service, role]) => `${service}: ${role}`);
  const parts = [
    `name: ${JSON.stringify(person.name.replaceAll("`", "'"))}`,
    ...(only === undefined ? [] : [`slack: ${more.length === 0 ? only : `[${person.slack.join(", ")}]`}`]),
    ...(person.teams.length === 0 ? [] : [`teams: [${person.teams.join(", ")}]`]),
    `role: ${person.role}`,
    ...(roles.length === 0 ? [] : [`services: { ${roles.join(", ")} }`]),
  ];
  return `\`people: { ${person.key}: { ${parts.join(", ")} } }\``;
}
