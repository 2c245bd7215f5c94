import type { AlertSource, AlertRoute, Heartbeat } from "./alert-source.ts";
import type { Chains } from "./escalation.ts";
import type { Duty, Responsibility } from "./duty.ts";
import type { PolicyRule } from "./policy-rule.ts";
import type { Role } from "./role.ts";
import type { Rotation } from "./rotation.ts";
import type { Sequence } from "./sequence.ts";
import type { StormRule } from "./storm.ts";
import type { Task } from "./task.ts";
import type { Wake } from "./wake.ts";
import type { Window } from "./window.ts";
import type { WorkingHours } from "./working-hours.ts";

/** What the catalog says, once read: services and what they run on, people, teams and policies. Plain values, safe as JSON. */

export type Person = {
  readonly key: string;
  readonly name: string;
  /** Slack user ids; a person may have several accounts and still counts once. */
  readonly slack: readonly string[];
  readonly teams: readonly string[];
  readonly role: Role;
  /** Role on single services where it differs. */
  readonly services: Readonly<Record<string, Role>>;
  /** IANA zone of their working hours. */
  readonly zone?: string | undefined;
  /** How they are woken outside Slack. */
  readonly wake?: Wake | undefined;
};

export type Team = {
  readonly key: string;
  readonly name: string;
  readonly channel?: string | undefined;
  readonly slackGroup?: string | undefined;
};

export type Target = {
  /** `service/name`; unique in the catalog, the key of observations, fences and steps. */
  readonly key: string;
  readonly service: string;
  readonly name: string;
  readonly provider: string;
  /** As validated by the provider's own schema. */
  readonly settings: unknown;
  /** By the name of a process, what one more of it costs. */
  readonly processes?: Readonly<Record<string, ProcessFacts>> | undefined;
};

export type ProcessFacts = {
  /** Database connections that one of it opens at most. */
  readonly connections?: number | undefined;
  /** What one of it costs a month. */
  readonly monthly?: { readonly amount: number; readonly currency: string } | undefined;
};

/** How many equal readings in a row it takes to believe a change for the worse, and for the better. */
export type Rule = { readonly failures: number; readonly successes: number };

export type CheckSpec = {
  /** `service/check` or `service/check/name`: row key, catalog path and fingerprint. */
  readonly key: string;
  readonly service: string;
  readonly check: string;
  readonly on: "address" | "target" | "service";
  /** The target it looks at; only where `on` is "target". */
  readonly target?: string | undefined;
  readonly responsibility: Responsibility;
  /** As validated by the check's own schema. */
  readonly settings: unknown;
  /** ms between two looks. */
  readonly every: number;
  readonly rule: Rule;
};

export type Service = {
  readonly key: string;
  readonly name: string;
  readonly environment: string;
  /** `#name` or a channel id, where cards go; the catalog's default channel otherwise. */
  readonly channel: string;
  readonly duties: Readonly<Partial<Record<Responsibility, Duty>>>;
  readonly targets: readonly Target[];
  readonly checks: readonly CheckSpec[];
  /** What may be run on its targets. */
  readonly tasks?: readonly Task[] | undefined;
  /** Several actions on its targets, one after the other, that are asked for and approved as one. */
  readonly sequences?: readonly Sequence[] | undefined;
  /** Keys of the services that it needs to work. */
  readonly dependsOn?: readonly string[] | undefined;
  /** Whom its items tell one after another, where it is not the catalog's chain. */
  readonly escalation?: Partial<Chains> | undefined;
  readonly runbook?: string | undefined;
  readonly dashboard?: string | undefined;
  /** Who added it in Slack, and when; never of a service that the file declares. */
  readonly added?: { readonly by: string; readonly at: Date } | undefined;
};

export type DigestPlan = {
  readonly channel: string;
  /** Local time, "HH:MM". */
  readonly at: string;
  /** IANA zone. */
  readonly zone: string;
  /** ISO weekdays, 1 = Monday. */
  readonly days: readonly number[];
};

export type Catalog = {
  /** The default channel, `#ops` unless said otherwise; also where what belongs to no service goes. */
  readonly channel: string;
  readonly services: Readonly<Record<string, Service>>;
  readonly people: Readonly<Record<string, Person>>;
  readonly teams: Readonly<Record<string, Team>>;
  readonly policies: readonly PolicyRule[];
  readonly freezes?: readonly Window[] | undefined;
  /** Times of maintenance. */
  readonly windows?: readonly Window[] | undefined;
  readonly digests: readonly DigestPlan[];
  /** ms that an acknowledgement holds, where it is not the default. */
  readonly acknowledge?: { readonly critical?: number | undefined; readonly warning?: number | undefined } | undefined;
  /** From how many new items at once one item stands for all of them; null: never; absent: the default. */
  readonly storm?: StormRule | null | undefined;
  /** False: an item has a card of its own even if what its service depends on is the likely cause. */
  readonly foldDependents?: false | undefined;
  readonly alerts?: Readonly<Record<string, AlertSource>> | undefined;
  readonly routes?: readonly AlertRoute[] | undefined;
  readonly heartbeats?: Readonly<Record<string, Heartbeat>> | undefined;
  readonly rotations?: Readonly<Record<string, Rotation>> | undefined;
  readonly escalation?: Partial<Chains> | undefined;
  readonly workingHours?: WorkingHours | undefined;
};

export const EMPTY_CATALOG: Catalog = {
  channel: "#ops",
  services: {},
  people: {},
  teams: {},
  policies: [],
  freezes: [],
  windows: [],
  digests: [],
};

/** What a service needs to work: the nearest first, each once, what those need in turn included. */
export function dependenciesOf({ services }: Pick<Catalog, "services">, service: Service): Service[] {
  const found = new Map([[service.key, service]]);
  for (const each of found.values()) {
    for (const key of each.dependsOn ?? []) {
      const needed = services[key];
      if (needed !== undefined && !found.has(key)) found.set(key, needed);
    }
  }
  return [...found.values()].slice(1);
}

/** What a service is called; one that left the catalog, by its key. */
export function serviceNameOf(catalog: Pick<Catalog, "services">, key: string): string;
export function serviceNameOf(catalog: Pick<Catalog, "services">, key: string | null): string | null;
export function serviceNameOf({ services }: Pick<Catalog, "services">, key: string | null): string | null {
  return key === null ? null : (services[key]?.name ?? key);
}
