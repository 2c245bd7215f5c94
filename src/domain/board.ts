import type { AlertList } from "./alert.ts";
import type { Item, ItemOrigin } from "./item.ts";
import type { Approval, Asked, Operation, StepState } from "./operation.ts";
import type { Catalog, Duty, Party, Responsibility, Service } from "./catalog.ts";
import type { Action } from "./action.ts";
import type { Observation } from "./observation.ts";
import type { Actor } from "./permit.ts";
import type { Reading } from "./reading.ts";
import type { Silence } from "./silence.ts";
import type { Standin, Turn } from "./rotation.ts";
import type { Tour } from "./tour.ts";
import type { WindowKind } from "./window.ts";

/** What the reading door gives to views: whole answers, nothing left to look up. */

/** How people and teams are shown: their Slack mention where they have one, else their name. */
export type Names = {
  /** Person key → first Slack user id and name. */
  readonly people: Readonly<Record<string, { readonly slack: string | null; readonly name: string }>>;
  /** Team key → Slack user group id, if any, and name. */
  readonly teams: Readonly<Record<string, { readonly slackGroup: string | null; readonly name: string }>>;
  /** Rotation key → name. */
  readonly rotations?: Readonly<Record<string, { readonly name: string }>>;
};

export type ItemCard = {
  readonly now: Date;
  readonly names: Names;
  readonly item: Item;
  readonly serviceName: string | null;
  /** Who holds the responsibility by the catalog when nobody has taken the item yet. */
  readonly duty: Duty | null;
  readonly runbook: string | null;
  readonly dashboard: string | null;
  /** Operations asked on this item, newest first, at most five. */
  readonly operations: readonly Operation[];
  /** Actions that fit this item, best first, with the target they would act on and what is likely meant: "to v141". */
  readonly fitting: readonly {
    readonly action: Action;
    readonly target: string;
    readonly likely?: string | undefined;
    /** The task's name, where one is run. */
    readonly task?: string | undefined;
  }[];
  /** Who called the same noise last, and how often in thirty days; null where nobody did. Person key or Slack user id. */
  readonly noise: { readonly by: string; readonly count: number } | null;
  /** What changed just before; null where that is not worth telling. */
  readonly before: Before | null;
  readonly neighbours: Neighbours;
  /** That its service is in; null where it is in none. */
  readonly maintenance: Pick<WindowLine, "name" | "by" | "endsAt"> | null;
  /** Of an item that alerts opened: which of them go on. */
  readonly alerts?: AlertList | undefined;
  /** Person keys of those who were told directly while nobody acts; absent before the first was. */
  readonly told?: readonly string[] | undefined;
  /** What is folded under it, and open: how many, and the gravest few. Absent where nothing is, and of a storm, whose row says it. */
  readonly folds?:
    | { readonly open: number; readonly shown: readonly { readonly id: number; readonly serviceName: string | null }[] }
    | undefined;
  /** The silence of its alerts at their source that was asked for last, unless it is over. */
  readonly silence?: Silence | undefined;
  /** Of alerts whose source can be silenced: its key. */
  readonly silenceable?: string | undefined;
  /** Of a flapping item, how often it became well. */
  readonly flapped?: number | undefined;
  /** Whether it was opened at a time at which what can wait calls nobody. */
  readonly quiet?: boolean | undefined;
};

/** Who is on call now, rotation by rotation. */
export type OnCall = {
  readonly now: Date;
  readonly viewer: string | null;
  readonly rotations: readonly {
    readonly name: string;
    /** Keys of the services that it answers for. */
    readonly services: readonly string[];
    readonly turn: Turn;
    /** What was said in Slack and has not ended, also what begins later. */
    readonly said: readonly Standin[];
  }[];
  /** Services of which no rotation is on call, and who is. */
  readonly others: readonly { readonly service: string; readonly duty: Duty | null }[];
};

/** Somebody else is on call. */
export type Handover = {
  readonly now: Date;
  readonly name: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly until: Date | null;
  /** Who said so, where it is not the plan. */
  readonly by: string | null;
  /** What is open of what the rotation answers for, the worst first. */
  readonly items: readonly Item[];
  readonly count: number;
};

/** Whoever has acknowledged an item is asked whether they are still on it. */
export type StillCard = {
  readonly names: Names;
  readonly item: Item;
  readonly serviceName: string | null;
  /** Until when it is theirs, as they were asked. */
  readonly until: Date;
  /** What answered it, or made it void; null while it is open. */
  readonly answer: EventLine | null;
};

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

/** What changed in the hour before the onset, on the service and on what it depends on. */
export type Before = {
  /** Newest first, at most three. */
  readonly news: readonly News[];
  /** How many more there were. */
  readonly more: number;
  /** Null where nothing was in sight; `since` where the first look was within the hour. */
  readonly watched: { readonly since: Date | null } | null;
  /** What could not be looked at. */
  readonly blind: readonly Blind[];
};

export type News = {
  readonly at: Date;
  /** Whether it happened at that moment, or was only seen by then. */
  readonly dated: boolean;
  /** Where, unless it is the service itself. */
  readonly place: string | null;
  /** "release v142" */
  readonly what: string;
  readonly by: Duty | null;
};

export type Blind = {
  readonly place: string;
  readonly why: "no target" | "never looked at" | "not looked at lately" | "not reached";
};

/** Other checks that are not well now, the gravest first, at most two, and how many more. */
export type Neighbours = {
  readonly shown: readonly { readonly place: string | null; readonly summary: string }[];
  readonly more: number;
};

export type OperationCard = {
  readonly now: Date;
  readonly names: Names;
  readonly operation: Operation;
  readonly serviceName: string;
  readonly decisions: readonly Approval[];
  /** Person keys of everybody who may approve it now. */
  readonly approvers: readonly string[];
  /** Who was asked directly, and when, in that order. */
  readonly asked: readonly Asked[];
  /** When those who were not asked yet are asked too. */
  readonly restAt: Date | null;
  /** Person keys of those on call who may go alone now, since nobody answers. */
  readonly alone: readonly string[];
  /** Progress lines, oldest first, at most the last eight. */
  readonly progress: readonly { readonly at: Date; readonly text: string }[];
  /** Set while a person has to say what happened. */
  readonly needsPerson: Unclear | null;
  /** The steps of a sequence that were begun, in order, and the one that is next. */
  readonly steps: readonly StepLine[];
};

/** How far a step has come. */
export type StepLine = {
  readonly seq: number;
  /** The step that it takes back; null of one that the plan has. */
  readonly undoes: number | null;
  readonly state: StepState;
  readonly attempt: number;
  readonly sentAt: Date | null;
  readonly doneAt: Date | null;
};

/** What is known of a step that nobody can tell the outcome of. */
export type Unclear = {
  /** The key of the target that waits. */
  readonly target: string;
  readonly sentAt: Date | null;
  /** What the last look saw. */
  readonly seen: string;
  /** Since when another look is owed. */
  readonly lookingSince: Date | null;
};

/** A time in which something else holds. */
export type WindowLine = {
  readonly id: number;
  readonly kind: WindowKind;
  /** What it is for. */
  readonly name: string;
  /** Of a freeze that is of one action alone. */
  readonly action: string | null;
  /** A service's key, or an environment; null is everything. */
  readonly where: string | null;
  readonly startsAt: Date;
  readonly endsAt: Date;
  readonly weekly: boolean;
  /** Who planned it in Slack; null of one that the catalog has. */
  readonly by: string | null;
};

/** One line of the timeline in an item's thread, or of the audit. */
export type EventLine = {
  readonly id: number;
  readonly at: Date;
  readonly kind: string;
  /** Person key; null = the bot itself. */
  readonly person: string | null;
  /** Slack user id, where the person is not in the catalog. */
  readonly account: string | null;
  readonly surface: string;
  readonly item: number | null;
  readonly operation: number | null;
  readonly detail: Readonly<Record<string, unknown>>;
};

export type ServiceStatus = {
  readonly service: Service;
  readonly observations: readonly Observation[];
  /** Check key → last reading and when. */
  readonly readings: readonly { readonly key: string; readonly reading: Reading | null; readonly at: Date | null }[];
  /** Open ones, critical first, then oldest; capped, with the whole count beside it. */
  readonly items: readonly Item[];
  readonly itemsCount: number;
  /** Under way, oldest first; capped, with the whole count beside it. */
  readonly operations: readonly Operation[];
  readonly operationsCount: number;
  /** The last that were done and are over, newest first. */
  readonly done: readonly Operation[];
  readonly duties: Readonly<Partial<Record<Responsibility, Duty>>>;
  /** Times under way in which nothing is to change; `action` null: of any kind. */
  readonly freezes: readonly { readonly name: string; readonly action: string | null; readonly endsAt: Date }[];
  /** The maintenance under way. */
  readonly maintenance: readonly Pick<WindowLine, "name" | "by" | "endsAt">[];
};

/** How somebody stands here. */
export type Standing = {
  readonly actor: Actor;
  /** Names of the teams, as they are shown. */
  readonly teams: readonly string[];
  readonly answersFor: readonly { readonly service: string; readonly responsibilities: readonly Responsibility[] }[];
  /** Where a service makes no difference: "take items". */
  readonly may: readonly string[];
  /** Names of those who can change the catalog. */
  readonly keepers: readonly string[];
  /** As code: what the catalog says of them, or what it would have to say. */
  readonly line: string;
};

/** Who answers for a service. */
export type ServiceOwners = {
  readonly service: Service;
  /** As it holds now. */
  readonly duties: Readonly<Partial<Record<Responsibility, Duty>>>;
  /** What was changed in Slack over the catalog. */
  readonly changes: readonly {
    readonly responsibility: Responsibility;
    /** As the catalog writes it: `ana`, `team-web`, `nobody`. */
    readonly now: string;
    readonly catalog: string;
    /** Person key, or Slack user id of somebody whom the catalog does not know. */
    readonly by: string;
    readonly at: Date;
  }[];
};

/** What the digest of one channel says. Everything sorted as it is to be read. */
export type DigestContent = {
  readonly now: Date;
  readonly names: Names;
  readonly zone: string;
  readonly localDate: string;
  /** Nobody's, critical first, then oldest, as on Home; capped, with the whole count beside it. */
  readonly unowned: readonly Item[];
  readonly unownedCount: number;
  readonly overdue: readonly Item[];
  readonly overdueCount: number;
  /** By owner, the one with the oldest item first. */
  readonly owners: readonly {
    readonly owner: Party;
    readonly count: number;
    readonly critical: number;
    readonly oldest: readonly Item[];
  }[];
  /** All owners, and what they have together; `owners` may be the first of them. */
  readonly ownersCount: number;
  readonly ownedCount: number;
  /** Operations that somebody has to approve, oldest first; capped, with the whole count beside it. */
  readonly waiting: readonly Operation[];
  readonly waitingCount: number;
  /** What the bot did without being asked since the last digest: reversals, resolved by itself. */
  readonly alone: readonly string[];
  /** What falls due in the next seven days. */
  readonly comingUp: readonly Item[];
  /** Maintenance and freezes that are on, or begin in the next seven days. */
  readonly windows: readonly WindowLine[];
  /** What was called noise at least three times in a week, most often first. */
  readonly noisy: readonly Noisy[];
  /** The short head of the sealed log, for whoever compares later; null while nothing is sealed. */
  readonly head: string | null;
};

/** The demo's tour, with the names that its lines need. */
export type TourCard = {
  readonly tour: Tour;
  readonly serviceName: string;
  readonly serviceChannel: string;
  readonly channel: string;
  /** Names of who may approve. */
  readonly approvers: readonly string[];
};

/** What one person sees first: the answer of bare `/day2` and the Home tab. */
export type Desk = {
  readonly onCall?: OnCall | undefined;
  readonly now: Date;
  readonly names: Names;
  readonly catalog: Pick<Catalog, "services" | "people">;
  /** Person key of the viewer, if the catalog knows them. */
  readonly viewer: string | null;
  /** All of these capped, with the whole count beside them. What is theirs and put aside is in `aside`. */
  readonly mine: readonly Item[];
  readonly mineCount: number;
  readonly aside: readonly Item[];
  readonly asideCount: number;
  /** Theirs, resolved within a day, the newest first. */
  readonly done: readonly Item[];
  readonly unowned: readonly Item[];
  readonly unownedCount: number;
  /** What this person may decide on and has not yet, oldest first. */
  readonly waiting: readonly Operation[];
  readonly waitingCount: number;
  /** Maintenance and freezes that are on. */
  readonly windows: readonly WindowLine[];
  /** Services on which they may take or acknowledge several at once; counts up to a thousand and one. */
  readonly busy: readonly { readonly service: string; readonly untaken: number; readonly unseen: number }[];
  /** Of the items above those that this person may see to; somebody may on one service and only look at another. */
  readonly theirs: ReadonlySet<number>;
  /** Whether they may act on anything at all. */
  readonly mayAct: boolean;
};
