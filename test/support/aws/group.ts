import { randomBytes } from "node:crypto";

/** An Auto Scaling group and what AWS does with it by itself, one step at a time. */

export type Instance = {
  readonly id: string;
  /** Pending, InService, Terminating, Standby … */
  state: string;
  isHealthy: boolean;
  isProtected: boolean;
  readonly version: string;
  readonly weight: number | null;
  /** The refresh that it was started by, and with which way it went then. */
  readonly by: string | null;
};

export type Refresh = {
  readonly id: string;
  status: string;
  reason?: string;
  readonly startedAt: Date;
  endedAt?: Date;
  /** The version that the group has once it has ended well; null where it only replaces. */
  readonly brings: string | null;
  /** It was asked for with a policy of mixed instances. */
  readonly isMixed: boolean;
  percent: number;
  left: number;
  isGoingBack: boolean;
};

export type Policy = {
  readonly name: string;
  readonly type: string;
  readonly isEnabled: boolean;
  /** Of a predictive one; it only forecasts where nobody says more. */
  readonly mode?: "ForecastOnly" | "ForecastAndScale";
};

export type Group = {
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
  min: number;
  max: number;
  wanted: number;
  /** Of the launch template: a number, $Latest or $Default. */
  version: string;
  /** Of the template, the last. */
  latest: number;
  isMixed: boolean;
  weight: number | null;
  instances: Instance[];
  suspended: readonly string[];
  policies: readonly Policy[];
  /** The size that policies come to. */
  demand: number | null;
  /** The newest first. */
  refreshes: Refresh[];
  /** The newest first. */
  activities: Activity[];
  /** Versions whose machines are not to be had, and after how many of them a refresh gives up. */
  readonly broken: Set<string>;
  readonly patience: number;
};

export type Activity = { readonly id: string; readonly at: Date; readonly code: string; readonly message?: string };

export function hex(bytes = 8): string {
  return randomBytes(bytes).toString("hex");
}

export function templateId({ name }: Group): string {
  return `lt-${Buffer.from(name).toString("hex").slice(0, 17).padEnd(17, "0")}`;
}

/** What a version means at this moment. */
export function numberOf({ latest }: Group, version: string): string {
  return version.startsWith("$") ? String(latest) : version;
}

export function stepGroup(group: Group): void {
  if (group.policies.some((each) => decides(each, group)) && group.demand !== null)
    group.wanted = Math.min(Math.max(group.demand, group.min), group.max);
  for (const each of group.instances) if (each.state === "Pending") each.state = "InService";
  group.instances = group.instances.filter(({ state }) => state !== "Terminating");
  const [refresh] = group.refreshes;
  if (refresh?.status === "Pending") refresh.status = "InProgress";
  else if (refresh?.status === "InProgress" || refresh?.status === "RollbackInProgress") stepRefresh(group, refresh);
  keepSize(group, refresh);
}

function decides({ isEnabled, type, mode }: Policy, { suspended }: Group): boolean {
  if (type === "PredictiveScaling") return isEnabled && mode === "ForecastAndScale";
  return isEnabled && !suspended.includes("AlarmNotification");
}

/** One instance at a time. */
function stepRefresh(group: Group, refresh: Refresh): void {
  const own = markOf(refresh);
  const old = group.instances.filter((each) => (refresh.isGoingBack ? each.by === refresh.id : each.by !== own));
  const isHeld = ["Launch", "Terminate"].some((process) => group.suspended.includes(process));
  refresh.left = old.length;
  refresh.percent = Math.round((100 * (group.instances.length - old.length)) / Math.max(1, group.instances.length));
  if (refresh.isGoingBack) refresh.percent = 100 - refresh.percent;
  const failed = group.activities.filter(({ code, at }) => code === "Failed" && at >= refresh.startedAt).length;
  if (failed >= group.patience)
    return ends(refresh, refresh.isGoingBack ? "RollbackFailed" : "Failed", "Too many launches failed.");
  const isShort = unitsOf(group) < group.wanted;
  const next = old.find(({ isProtected, state }) => !isProtected && state === "InService");
  if (old.length > 0) {
    if (!isShort && !isHeld && next !== undefined) next.state = "Terminating";
    return;
  }
  if (isShort) return;
  if (!refresh.isGoingBack && refresh.brings !== null) group.version = refresh.brings;
  ends(refresh, refresh.isGoingBack ? "RollbackSuccessful" : "Successful");
}

function markOf({ id, isGoingBack }: Refresh): string {
  return isGoingBack ? `${id} back` : id;
}

function ends(refresh: Refresh, status: string, reason?: string): void {
  refresh.status = status;
  refresh.endedAt = new Date();
  if (reason !== undefined) refresh.reason = reason;
}

export function unitsOf({ instances }: Group): number {
  return instances
    .filter(({ state }) => state === "InService" || state === "Pending")
    .reduce((sum, { weight }) => sum + (weight ?? 1), 0);
}

function keepSize(group: Group, refresh: Refresh | undefined): void {
  const units = unitsOf(group);
  if (units < group.wanted && !group.suspended.includes("Launch")) {
    const isUnderWay = refresh !== undefined && /^(InProgress|RollbackInProgress)$/.test(refresh.status);
    const brings = isUnderWay && !refresh.isGoingBack ? refresh.brings : null;
    starts(group, numberOf(group, brings ?? group.version), isUnderWay ? markOf(refresh) : null);
  }
  const last = group.instances.findLast(({ state, isProtected }) => state === "InService" && !isProtected);
  if (last === undefined || group.suspended.includes("Terminate")) return;
  if (units - (last.weight ?? 1) >= group.wanted) last.state = "Terminating";
}

export function starts(group: Group, version: string, by: string | null): void {
  const at = new Date();
  if (group.broken.has(version)) {
    const message = "We currently do not have sufficient m7i.large capacity in the Availability Zone you requested.";
    group.activities.unshift({ id: hex(), at, code: "Failed", message });
    return;
  }
  group.activities.unshift({ id: hex(), at, code: "Successful" });
  group.instances.push({
    id: `i-${hex()}`,
    state: "Pending",
    isHealthy: true,
    isProtected: false,
    version,
    weight: group.weight,
    by,
  });
}

export function isQuiet(group: Group): boolean {
  const [refresh] = group.refreshes;
  const isEnded = refresh?.endedAt !== undefined || refresh === undefined;
  const isSteady = group.instances.every(({ state }) => state !== "Pending" && state !== "Terminating");
  return isEnded && isSteady && unitsOf(group) >= group.wanted;
}
