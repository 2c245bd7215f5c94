import type { Role } from "./role.ts";

/** Whoever asks for something, and how Slack knows them. */

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

/** As rows name somebody who did something: by their key in the catalog, else by their Slack user id. */
export function actorKey({ person, account }: Pick<Actor, "person" | "account">): string {
  return person ?? account;
}
