import type { OnOff } from "./action.ts";

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

/** Somebody who is connected to a database. Times are as `toISOString` writes them. */
export type Session = {
  /** Its number there, which another one may have once it is gone. */
  readonly id: string;
  /** The application's name, or the role's where it gives none. */
  readonly who: string;
  readonly role: string;
  /** From where, where that is a network. */
  readonly address: string | null;
  /** "idle in transaction" */
  readonly state: string;
  readonly connected: string;
  /** Since when its transaction is open; null where none is. */
  readonly transaction: string | null;
  /** Whether it waits for another one. */
  readonly waits: boolean;
  /** The same as long as it is this session in this transaction. */
  readonly mark: string;
  /** What it runs right now: the first word of it, where that is one of SQL's. */
  readonly statement: {
    readonly since: string;
    readonly word: string | null;
    /** The same as long as it is this statement. */
    readonly mark: string;
  } | null;
  /** The ids of those that wait for it, directly or behind one another; empty for one that waits itself. */
  readonly holdsUp: readonly string[];
};

/** `needsReboot`: why, or nothing where that is not told; absent where it needs none. */
export type Server = {
  readonly name: string;
  readonly roles: readonly string[];
  readonly needsReboot?: string | undefined;
};

/** What waits to be applied to it. */
export type Update = {
  /** What it is asked for by: "system-update". */
  readonly name: string;
  /** What it is, as its provider says it; empty where that says nothing. */
  readonly summary: string;
  /** When it is applied by itself, as `toISOString` writes it; null where no time is set. */
  readonly due: string | null;
  /** Whether nothing applies it from here. */
  readonly isElsewhere?: true | undefined;
  /** Whether it mends a weakness; absent where nobody says. */
  readonly isSecurity?: boolean | undefined;
};

/** `since`: from when it is on, as `toISOString` writes it; absent where nobody saw it begin. */
export type MaintenanceMode = { readonly mode: OnOff; readonly since?: string | undefined };

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
  /**
   * Where its system tells of no release but the one that runs: then Daytwo keeps those that it saw run, from look to look.
   * `of`: what they are releases of over there; `takes`: whether what runs now is one to go back to.
   */
  readonly memory?: { readonly of: string; readonly takes: boolean } | undefined;
  readonly sizes: readonly Size[];
  readonly certificates: readonly Certificate[];
  /** Where single sessions can be ended: at most a hundred, the likeliest first. They come and go without a new version. */
  readonly sessions?: readonly Session[] | undefined;
  /** What could be restored, where the provider sees that. */
  readonly backups?:
    | {
        /** Whether backups are made on a schedule. */
        readonly isScheduled: boolean;
        /** The moment that the newest good one holds, as `toISOString` writes it; null where there is none. */
        readonly lastGood: string | null;
      }
    | undefined;
  /** The machines that it runs on; absent where nobody tells whether they need a reboot, or they could not be seen. */
  readonly servers?: readonly Server[] | undefined;
  /** Absent where its provider knows of none, or could not see them. */
  readonly updates?: readonly Update[] | undefined;
  /** Why more updates may wait than are seen, in words for people: short, without full stop. */
  readonly updatesUnseen?: string | undefined;
  /** Since when Daytwo sees each update and each need of a reboot wait, by what and name; it is kept from look to look. */
  readonly waitsSince?: Readonly<Record<string, string>> | undefined;
  /** Whether it is in maintenance mode, in which visitors see a page instead of it; absent where that cannot be told. */
  readonly maintenance?: MaintenanceMode | undefined;
  /** Further facts worth showing, label → plain text. */
  readonly facts: Readonly<Record<string, string>>;
};

/** Its name in plans and changes. */
export const MAINTENANCE_MODE = "maintenance mode";
