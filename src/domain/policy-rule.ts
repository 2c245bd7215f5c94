import type { Role } from "./role.ts";

/** One line of policy; it holds where every part of `when` that is given matches. Later lines win, field by field. */
export type PolicyRule = {
  readonly when: {
    readonly action?: string | undefined;
    readonly environment?: string | undefined;
    readonly service?: string | undefined;
  };
  readonly role?: Role | undefined;
  readonly approvers?: Role | undefined;
  readonly approvals?: 0 | 1 | 2 | undefined;
  readonly typed?: boolean | undefined;
  readonly expiresAfter?: number | undefined;
  /** null: whoever is on call never goes alone. */
  readonly aloneAfter?: number | null | undefined;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  readonly step?: number | undefined;
  readonly cooldownUp?: number | undefined;
  readonly cooldownDown?: number | undefined;
};
