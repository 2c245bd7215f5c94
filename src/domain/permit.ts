import { Denied } from "../errors.ts";
import type { ActorKind, Actor } from "./actor.ts";
import { ROLES, type Role } from "./role.ts";
import { DEEDS, DEED_NAMES, type Deed } from "./deed.ts";
import { catalogLine } from "./person-line.ts";
import type { Policy } from "./policy.ts";

/** Who may do what: each door asks before it changes anything. */

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

/** @throws Denied with the reason, and with whom to ask or what to do instead as hint. */
export function authorise(deed: Deed, actor: Actor, on: Ground): void {
  const refused = refusal(deed, actor, on);
  if (refused !== null) throw new Denied(refused.message, { hint: refused.hint, on });
}

/** Whether `authorise` would allow it; for showing or leaving out a button. */
export function may(deed: Deed, actor: Actor, on: Ground): boolean {
  return refusal(deed, actor, on) === null;
}

/** Everything that `authorise` would allow, in words: "take items". What only the demo can do is left out. */
export function allowed(actor: Actor, on: Ground): string[] {
  return DEED_NAMES.filter((deed) => deed !== "demo" && may(deed, actor, on)).map((deed) => DEEDS[deed].words);
}

type Refusal = { readonly message: string; readonly hint: string };

function refusal(deed: Deed, actor: Actor, on: Ground): Refusal | null {
  const { words, from, policy, withoutPeople = false } = DEEDS[deed];
  if (from === "everybody") return null;
  if (actor.kind !== "member")
    return { message: `${KINDS[actor.kind]} can look, but not ${words}.`, hint: FULL_MEMBER };
  if (from === "members") return null;
  if (!on.catalogHasPeople) return withoutPeople ? null : nobodyYet(words, actor);
  if (actor.person === null || actor.role === null) return unknownPerson(words, actor, on);
  if (on.ownRequest === true) {
    if (deed === "approve" || deed === "deny") return OWN_REQUEST;
    if (deed === "cancel") return null;
  }
  if (deed === "goAlone" && on.onCall !== true) return notOnCall(on);
  const role = (on.service === undefined ? undefined : actor.services[on.service]) ?? actor.role;
  const needed = (policy === undefined ? undefined : on.policy?.[policy]) ?? from;
  return ROLES.indexOf(role) >= ROLES.indexOf(needed) ? null : roleTooLow({ words, role, needed }, on);
}

const OWN_REQUEST: Refusal = {
  message: "Someone else must decide on your own request.",
  hint: "To withdraw it, cancel it: `/day2 cancel op-…`.",
};

const KINDS: Readonly<Record<Exclude<ActorKind, "member">, string>> = {
  guest: "Guests of this workspace",
  external: "People of another organisation",
  bot: "Bots and workflows",
  deactivated: "Deactivated accounts",
};

const FULL_MEMBER = "Ask a full member of this workspace to do it.";

function nobodyYet(words: string, actor: Actor): Refusal {
  return {
    message: `Nobody may ${words} yet, because the catalog names no people.`,
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

function unknownPerson(words: string, actor: Actor, on: Ground): Refusal {
  return {
    message: `You are not in the catalog, so you can look, but not ${words}.`,
    hint: `${whoCan(on)} can add you to \`daytwo.yaml\`: ${catalogLine(actor)}`,
  };
}

function roleTooLow(gap: { readonly words: string; readonly role: Role; readonly needed: Role }, on: Ground): Refusal {
  const where = on.service === undefined ? "" : ` on ${on.service}`;
  return {
    message: `To ${gap.words}${where} takes the role ${gap.needed}; yours is ${gap.role}.`,
    hint: `Ask somebody who has it, or ${whoCan(on, "whoever")} can change your role in \`daytwo.yaml\`.`,
  };
}

function whoCan(on: Ground, otherwise = "Whoever"): string {
  const names = on.keepers ?? [];
  return names.length === 0 ? `${otherwise} keeps the catalog` : names.join(" or ");
}
