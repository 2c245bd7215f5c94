import type { Role } from "./role.ts";
import type { Policy } from "./policy.ts";

/** What somebody may do here or not, in the order in which it is listed to them. */

type Row = {
  /** As a refusal says it. */
  readonly words: string;
  /** Who may: everybody who can see us, full members of the workspace, or whoever has the role. */
  readonly from: "everybody" | "members" | Role;
  /** What a policy names another role by. Whoever may not ask for an action may not do it alone either. */
  readonly policy?: keyof Pick<Policy, "role" | "approvers">;
  /** Whether full members may before the catalog names anybody; never an action on a target. */
  readonly withoutPeople?: true;
};

const ROWS = {
  read: { words: "look", from: "everybody" },
  digest: { words: "see the digest", from: "everybody" },
  demo: { words: "change the demo", from: "members" },
  acknowledge: { words: "acknowledge items", from: "operator", withoutPeople: true },
  own: { words: "take items", from: "operator", withoutPeople: true },
  release: { words: "give items back", from: "operator", withoutPeople: true },
  handOff: { words: "hand items over", from: "operator" },
  snooze: { words: "snooze items", from: "operator", withoutPeople: true },
  silence: { words: "silence alerts at their source", from: "operator" },
  resolve: { words: "resolve items", from: "operator", withoutPeople: true },
  noise: { words: "call items noise", from: "operator", withoutPeople: true },
  note: { words: "write notes", from: "operator", withoutPeople: true },
  check: { words: "start a check", from: "operator", withoutPeople: true },
  add: { words: "add and remove public addresses", from: "operator", withoutPeople: true },
  assign: { words: "assign responsibilities", from: "operator" },
  window: { words: "plan maintenance", from: "operator", withoutPeople: true },
  freeze: { words: "freeze changes", from: "approver" },
  standIn: { words: "stand in for others on call", from: "operator" },
  putOnCall: { words: "put others on call", from: "approver" },
  request: { words: "ask for actions", from: "operator", policy: "role" },
  approve: { words: "approve operations", from: "approver", policy: "approvers" },
  deny: { words: "deny operations", from: "approver", policy: "approvers" },
  goAlone: { words: "go alone without an approval", from: "operator", policy: "role" },
  cancel: { words: "cancel what others asked for", from: "approver" },
  judge: { words: "say how an operation ended", from: "operator" },
} as const satisfies Readonly<Record<string, Row>>;

export type Deed = keyof typeof ROWS;

export const DEEDS: Readonly<Record<Deed, Row>> = ROWS;
export const DEED_NAMES = Object.keys(ROWS) as readonly Deed[];
