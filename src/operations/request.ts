import type { Action, Arguments } from "../domain/action.ts";

/** An action that somebody asks for. */
export type Request = {
  readonly action: Action;
  readonly service: string;
  /** `service/name`; undefined = the only target of the service that can do it. */
  readonly target?: string | undefined;
  readonly arguments: Arguments;
  readonly item: number | null;
  /** Why it is to go on despite a freeze or a policy's pause; it then needs an approval. */
  readonly despite?: string;
  /** Draw the plan, show it to the one who asks, and stop there. */
  readonly preview?: boolean;
};
