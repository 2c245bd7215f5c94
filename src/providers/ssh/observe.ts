import type { Target } from "../../domain/catalog.ts";
import { formatDuration } from "../../domain/measures.ts";
import type { Observation, Release } from "../../domain/observation.ts";
import { Invalid, Unavailable } from "../../errors.ts";
import { complaintOfSilence } from "../http-json.ts";
import type { Standing } from "../provider.ts";
import { all, said, type Answer } from "./answer.ts";
import { packagesIn, type Packages } from "./packages.ts";
import { converse, hostOf, type Asked, type Where } from "./conversation.ts";
import { settings, type Settings } from "./settings.ts";
import { sights } from "./sights.ts";

/** What there is to see of a target on its host. */

const PATIENCE = 20_000; // ms that a look may take

/** @throws Unavailable | Invalid */
export async function look(
  where: Where,
  asked: Asked,
  signal: AbortSignal,
  hears?: (printed: Buffer) => void,
): Promise<Answer> {
  const until = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]);
  const answer = await converse(where, asked, until, hears).catch((error: unknown) => {
    throw complaintOfSilence(error, hostOf(where));
  });
  const refused = said(answer, "refused");
  if (refused !== undefined) throw new Invalid(`The agent on ${where.host} says: ${refused}.`);
  return answer;
}

export async function observe(target: Target, signal: AbortSignal): Promise<Observation> {
  const where = settings.parse(target.settings);
  const answer = await look(where, { verb: "observe" }, signal);
  const releases = all(answer, "release").map(releaseOf).toSorted(youngestFirst);
  const packages = packagesIn(answer);
  const { certificates, unseen } = await sights(where.certificate, signal);
  return {
    target: target.key,
    observedAt: new Date().toISOString(),
    version: versionIn(answer),
    ...stateOf(where, answer, releases),
    release: releaseIn(answer),
    releases,
    sizes: [],
    certificates,
    ...serversIn(answer, where),
    ...packages,
    facts: { ...factsOf(where, answer, packages), ...unseen },
  };
}

/** @throws Unavailable | Invalid */
export async function examine(target: Target, signal: AbortSignal): Promise<Standing> {
  const where = settings.parse(target.settings);
  const { restart = [], certificate } = where;
  const second = certificate && [certificate.renew, certificate.reload].flatMap((argv) => argv?.[0] ?? []);
  const answer = await look(where, { verb: "examine", words: restart, second }, signal);
  return { identity: said(answer, "identity") ?? where.user, missing: all(answer, "lacks") };
}

/** @throws Unavailable */
export function versionIn(answer: Answer): string {
  const version = said(answer, "version");
  if (version === undefined || version === "")
    throw new Unavailable("The host's answer has a shape that I do not know.");
  return version;
}

/** Undefined where `current` leads to no release, and of a unit that has none. */
export function releaseIn(answer: Answer): string | undefined {
  const release = said(answer, "current");
  return release === "" ? undefined : release;
}

/** Of the same second, as after a copy of all of them, by name. */
function youngestFirst(a: Release, b: Release): number {
  if (a.createdAt !== b.createdAt) return a.createdAt < b.createdAt ? 1 : -1;
  return b.release.localeCompare(a.release, "en", { numeric: true });
}

/** "v141 1700000000 ana" */
function releaseOf(line: string): Release {
  const [release = "", seconds = "0", createdBy] = line.split(" ");
  return { release, createdAt: new Date(Number(seconds) * 1_000).toISOString(), createdBy };
}

export type Unit = { readonly active: string; readonly sub: string; readonly restarts: number };

/** "active running 0" */
export function unitIn(answer: Answer): Unit | null {
  const line = said(answer, "unit");
  if (line === undefined) return null;
  const [active = "unknown", sub = "unknown", restarts = "0"] = line.split(" ");
  return { active, sub, restarts: Number(restarts) };
}

const HEALTH: Readonly<Record<string, Observation["health"]>> = {
  active: "ok",
  reloading: "degraded",
  activating: "degraded",
  deactivating: "degraded",
  inactive: "down",
  failed: "down",
};

/** Of releases that nothing restarts, as files that something else serves, it is whether one of them is current. */
function stateOf(
  { unit: name, restart }: Settings,
  answer: Answer,
  releases: readonly Release[],
): Pick<Observation, "health" | "problem"> {
  const unit = unitIn(answer);
  if (unit !== null) {
    const health = HEALTH[unit.active] ?? "unknown";
    return health === "ok" ? { health } : { health, problem: `${name} is ${unit.active}` };
  }
  if (restart !== undefined)
    return { health: "unknown", problem: "without a unit nothing on the host tells how it is" };
  const isThere = releases.some(({ release }) => release === releaseIn(answer));
  return isThere ? { health: "ok" } : { health: "down", problem: "current leads to no release that is there" };
}

function nameIn(answer: Answer, host: string): string {
  return said(answer, "host") ?? host;
}

/** "yes linux-image-6.1.0-41-amd64 dbus" → the packages; undefined where the host asks for none. */
function asksReboot(answer: Answer): string | undefined {
  const [asks, ...packages] = said(answer, "reboot")?.split(" ") ?? [];
  return asks === "yes" ? packages.join(", ") : undefined;
}

/** Nothing of a host on which nothing would ask for a reboot. */
function serversIn(answer: Answer, { host }: Settings): Pick<Observation, "servers"> {
  if (said(answer, "reboot") === undefined) return {};
  return { servers: [{ name: nameIn(answer, host), roles: [], needsReboot: asksReboot(answer) }] };
}

function factsOf({ host, path, unit }: Settings, answer: Answer, packages: Packages): Observation["facts"] {
  const state = unitIn(answer);
  const [used, free] = said(answer, "disk")?.split(" ") ?? [];
  const facts: readonly (readonly [string, string | undefined])[] = [
    ["Unit", state === null ? undefined : `${unit} is ${state.active} (${state.sub}), ${restarts(state)}`],
    ["Reboot", asksReboot(answer) === undefined ? undefined : "the host asks for one"],
    ["Updates", updatesIn(packages)],
    ["Disk", used === undefined ? undefined : `${used} % used, ${Math.round(Number(free) / 1_024)} MiB free`],
    ["Load", said(answer, "load")],
    ["Up for", upFor(said(answer, "uptime"))],
    ["System", `${said(answer, "os") ?? "unknown"}, kernel ${said(answer, "kernel") ?? "unknown"}`],
    ["Host", `${path === undefined ? "" : `${path} on `}${nameIn(answer, host)}`],
  ];
  return Object.fromEntries(facts.flatMap(([label, fact]) => (fact === undefined ? [] : [[label, fact]])));
}

/** "3 for security, 54 more" */
function updatesIn({ updates = [], updatesUnseen: unseen }: Packages): string {
  if (unseen !== undefined && updates.length === 0) return `cannot be seen: ${unseen}`;
  const urgent = updates.filter(({ isSecurity }) => isSecurity === true).length;
  const words = [
    ...(urgent === 0 ? [] : [`${urgent} for security`]),
    ...(updates.length === urgent ? [] : [`${updates.length - urgent} ${urgent === 0 ? "wait" : "more"}`]),
  ];
  return [words.length === 0 ? "none wait" : words.join(", "), ...(unseen === undefined ? [] : [unseen])].join("; ");
}

function upFor(seconds: string | undefined): string | undefined {
  return seconds === undefined ? undefined : formatDuration(Math.max(1, Math.floor(Number(seconds) / 60)) * 60_000);
}

function restarts({ restarts: count }: Unit): string {
  return count === 1 ? "restarted once by systemd" : `restarted ${count} times by systemd`;
}
