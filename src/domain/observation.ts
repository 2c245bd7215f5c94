/** What a provider saw of a target at one moment. */

export type Size = {
  /** The process or replica group: "web". */
  readonly process: string;
  readonly wanted: number;
  readonly running: number;
  readonly healthy: number;
};

export type Release = {
  readonly release: string;
  readonly createdAt: string;
  readonly createdBy?: string | undefined;
  readonly summary?: string | undefined;
  /** How long it served with all its health checks passing, in seconds; undefined where the provider cannot see it. */
  readonly healthySeconds?: number | undefined;
};

export type Certificate = {
  readonly address: string;
  readonly servername: string;
  readonly serial: string;
  readonly notBefore: string;
  readonly notAfter: string;
  /** PEM of the trust anchor to verify with, where it is not a public one. */
  readonly caFile?: string | undefined;
};

export type Observation = {
  readonly target: string;
  readonly observedAt: string;
  /** Changes whenever the target changes; an action is applied only while it is still this. */
  readonly version: string;
  readonly health: "ok" | "degraded" | "down" | "unknown";
  /** Why it is not well, where the provider knows: short, without full stop, and the same as long as it is the same trouble. */
  readonly problem?: string | undefined;
  readonly release?: string | undefined;
  /** Newest first. */
  readonly releases: readonly Release[];
  readonly sizes: readonly Size[];
  readonly certificates: readonly Certificate[];
  /** Further facts worth showing, label → plain text. */
  readonly facts: Readonly<Record<string, string>>;
};
