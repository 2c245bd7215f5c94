/** What people did and what they were told, and what was done to the machinery: one side of what the checker compares. */

export type Deed = {
  readonly at: number;
  readonly account: string;
  readonly kind: "request" | "approve" | "cancel";
  readonly service: string;
  /** Null for a request, whose number only the answer tells. */
  readonly operation: number | null;
  /** The hash on the card that an approval was pressed on; null for a typed one, which goes by the card as it is. */
  readonly sawHash: string | null;
  /** Whether Slack took it as delivered. What was not may have been done all the same. */
  acked: boolean;
};

/** What somebody was told privately. */
export type Told = { readonly account: string; readonly text: string };

/** A process that was ended: at a failpoint, or at random. `intents` is how many operations it had sent or was about to send. */
export type Kill = {
  readonly at: number;
  readonly process: string;
  readonly point: string | null;
  readonly intents: number;
};

/** Anything else that was done to the bot. */
export type Fault = { readonly at: number; readonly kind: string; readonly about: string };

export type History = {
  readonly deeds: Deed[];
  readonly told: Map<string, Told>;
  readonly kills: Kill[];
  readonly faults: Fault[];
  /** Since when somebody has no longer the role that they had, and until when. */
  readonly revoked: { readonly workspace: string; readonly person: string; readonly from: number; until: number }[];
};

export function newHistory(): History {
  return { deeds: [], told: new Map(), kills: [], faults: [], revoked: [] };
}
