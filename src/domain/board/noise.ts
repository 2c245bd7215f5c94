import type { ItemOrigin } from "../item.ts";

/** What was called noise, most often first. */
export type Noise = {
  readonly now: Date;
  readonly days: number;
  readonly noisy: readonly Noisy[];
};

export type Noisy = {
  /** Of a check `service/check` or `service/check/name`, by which the catalog has it. */
  readonly fingerprint: string;
  readonly service: string | null;
  readonly origin: ItemOrigin;
  /** The newest item of it. */
  readonly item: number;
  readonly count: number;
  readonly lastAt: Date;
  /** Said by people, the newest first, at most three. */
  readonly reasons: readonly string[];
};
