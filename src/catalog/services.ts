import type { z } from "zod";
import type { Action } from "../domain/action.ts";
import type { CheckSpec, Duty, Responsibility, Rule, Service, Target } from "../domain/catalog.ts";
import { RESPONSIBILITIES } from "../domain/catalog.ts";
import { suggestion } from "./complaints.ts";
import type { Complaints, Path } from "./complaints.ts";
import { readEscalation } from "./on-call.ts";
import { readNeeds } from "./needs.ts";
import { readSequences } from "./sequences.ts";
import { readTasks, type Places, type Way } from "./tasks.ts";
import { KEY, KEY_RULE } from "./keys.ts";
import { CHECK_COMMON, DUTY, SERVICE, TARGET_COMMON } from "./service-shapes.ts";

/** Reads one service of the catalog: its duties, targets and checks. */

/** What the reader must know of a kind of check or provider. Their settings should be strict objects, so that a mistyped key is seen. */
export type CheckKind = {
  readonly name: string;
  readonly on: CheckSpec["on"];
  /** It asks what runs beside its target. */
  readonly discovers?: true;
  readonly responsibility: Responsibility;
  readonly settings: z.ZodType;
  readonly every: number;
  readonly rule: Rule;
};
export type ProviderKind = {
  readonly name: string;
  readonly settings: z.ZodType;
  readonly actions: readonly Action[];
  /** Those of a target with such settings. */
  actionsOf?(settings: unknown): readonly Action[];
  readonly tasks?: Way | undefined;
  /** There where it can say what it runs. */
  readonly discovery?: object;
};
export type Kinds = { readonly checks: readonly CheckKind[]; readonly providers: readonly ProviderKind[] };

/** What a service may refer to. */
export type Surroundings = {
  readonly kinds: Kinds;
  readonly people: readonly string[];
  readonly teams: readonly string[];
  readonly rotations: readonly string[];
  readonly services: readonly string[];
  readonly channel: string;
};

export function readService(key: string, value: unknown, around: Surroundings, complaints: Complaints): Service {
  const path = ["services", key];
  const written = complaints.parts(SERVICE, value ?? {}, path);
  const declared = written.targets ?? {};
  const places = placesOf(declared, around);
  const tasks = readTasks(key, written.tasks ?? {}, places, complaints);
  const runs = { places, tasks, taskNames: Object.keys(written.tasks ?? {}) };
  const sequences = readSequences(key, written.sequences ?? {}, runs, complaints);
  const escalation = readEscalation(written.escalation, [...path, "escalation"], complaints);
  const looks = { service: key, checks: written.checks ?? {}, places };
  return {
    key,
    name: written.name ?? key,
    environment: written.environment ?? "production",
    channel: written.channel ?? around.channel,
    duties: readDuties(path, written.owner, written.responsibilities ?? {}, around, complaints),
    targets: readTargets(key, declared, around, complaints),
    checks: readChecks(looks, around, complaints),
    ...(escalation === undefined ? {} : { escalation }),
    ...(tasks.length === 0 ? {} : { tasks }),
    ...(sequences.length === 0 ? {} : { sequences }),
    ...(written.depends_on === undefined
      ? {}
      : { dependsOn: readNeeds(key, written.depends_on, around.services, complaints) }),
    ...(written.runbook === undefined ? {} : { runbook: written.runbook }),
    ...(written.dashboard === undefined ? {} : { dashboard: written.dashboard }),
  };
}

type Written = Readonly<Record<string, unknown>>;

function readDuties(
  path: Path,
  owner: string | undefined,
  lines: Written,
  around: Surroundings,
  complaints: Complaints,
): Service["duties"] {
  const general = owner === undefined ? undefined : dutyOf(owner, [...path, "owner"], around, complaints);
  const duties: Partial<Record<Responsibility, Duty>> = {};
  if (general !== undefined) for (const each of RESPONSIBILITIES) duties[each] = general;
  for (const [responsibility, value] of Object.entries(lines)) {
    const at = [...path, "responsibilities", responsibility];
    if (!isResponsibility(responsibility)) {
      complaints.addKey(
        at,
        `\`${responsibility}\` is not a responsibility.`,
        suggestion(responsibility, RESPONSIBILITIES, "Possible"),
      );
      continue;
    }
    const word = complaints.shape(DUTY, value, at);
    if (word === undefined) continue;
    const duty = typeof word === "string" ? dutyOf(word, at, around, complaints) : word;
    if (duty === undefined) delete duties[responsibility];
    else duties[responsibility] = duty;
  }
  return duties;
}

function isResponsibility(word: string): word is Responsibility {
  return (RESPONSIBILITIES as readonly string[]).includes(word);
}

/** "ana", "team-web", "rotation-web" → whose it is; "nobody" → undefined, as is what does not exist, which is noted. */
function dutyOf(word: string, path: Path, around: Surroundings, complaints: Complaints): Duty | undefined {
  if (word === "nobody") return undefined;
  if (around.people.includes(word)) return { person: word };
  const team = word.startsWith("team-") ? word.slice("team-".length) : undefined;
  if (team !== undefined && around.teams.includes(team)) return { team };
  const rotation = word.startsWith("rotation-") ? word.slice("rotation-".length) : undefined;
  if (rotation !== undefined && around.rotations.includes(rotation)) return { rotation };
  const known = [
    ...around.people,
    ...around.teams.map((each) => `team-${each}`),
    ...around.rotations.map((each) => `rotation-${each}`),
  ];
  complaints.add(
    path,
    `There is no person, team or rotation \`${word}\`.`,
    spelledOut(word, around) ?? suggestion(word, known) ?? "Add them under `people:`, `teams:` or `rotations:` first.",
  );
  return undefined;
}

function spelledOut(word: string, { teams, rotations }: Surroundings): string | undefined {
  if (teams.includes(word)) return `A team is written \`team-${word}\`.`;
  return rotations.includes(word) ? `A rotation is written \`rotation-${word}\`.` : undefined;
}

function readTargets(service: string, written: Written, { kinds }: Surroundings, complaints: Complaints): Target[] {
  return Object.entries(written).flatMap(([name, value]) => {
    const path = ["services", service, "targets", name];
    if (!KEY.test(name)) complaints.addKey(path, `A target's name ${KEY_RULE}.`);
    if (!isMap(value)) {
      complaints.add(path, "A target must be a map with its `provider` and that provider's settings.");
      return [];
    }
    const { provider, ...others } = value;
    const own = Object.keys(TARGET_COMMON.shape);
    const { processes } = complaints.parts(
      TARGET_COMMON,
      pick(others, (key) => own.includes(key)),
      path,
    );
    const settings = pick(others, (key) => !own.includes(key));
    const kind = kinds.providers.find((each) => each.name === provider);
    if (kind === undefined) {
      const known = kinds.providers.map((each) => each.name);
      const message =
        typeof provider === "string"
          ? `There is no provider \`${provider}\`.`
          : "`provider` must be the name of a provider.";
      complaints.add([...path, "provider"], message, suggestion(typeof provider === "string" ? provider : "", known));
      return [];
    }
    const accepted = complaints.shape(kind.settings, settings, path) !== undefined;
    const target = { key: `${service}/${name}`, service, name, provider: kind.name, settings };
    return accepted ? [processes === undefined ? target : { ...target, processes }] : [];
  });
}

function placesOf(targets: Written, { kinds }: Surroundings): Places {
  return Object.entries(targets).map(([name, value]) => {
    const provider = isMap(value) ? kinds.providers.find((each) => each.name === value["provider"]) : undefined;
    return { name, provider, actions: provider?.actionsOf?.(value) ?? provider?.actions ?? [] };
  });
}

type Looks = { readonly service: string; readonly checks: Written; readonly places: Places };

function readChecks(looks: Looks, around: Surroundings, complaints: Complaints): CheckSpec[] {
  const specs: CheckSpec[] = [];
  const names = around.kinds.checks.map((each) => each.name);
  for (const [check, value] of Object.entries(looks.checks)) {
    const path = ["services", looks.service, "checks", check];
    const kind = around.kinds.checks.find((each) => each.name === check);
    if (kind === undefined) {
      complaints.addKey(path, `There is no check \`${check}\`.`, suggestion(check, names));
    } else if (!(check === "ownership" && isOff(value))) {
      specs.push(...readCheck(kind, value, path, looks, complaints));
    }
  }
  const ownership = around.kinds.checks.find((each) => each.name === "ownership");
  if (ownership !== undefined && looks.checks["ownership"] === undefined) {
    specs.push(...readCheck(ownership, {}, ["services", looks.service], looks, complaints));
  }
  return specs;
}

/** `off` is text in YAML 1.2 and was a boolean before; people mean the same by both. */
function isOff(value: unknown): boolean {
  return value === "off" || value === false;
}

/** One check, or a list of named ones. */
function readCheck(kind: CheckKind, value: unknown, path: Path, looks: Looks, complaints: Complaints): CheckSpec[] {
  if (!Array.isArray(value)) {
    const spec = readLook(kind, value ?? {}, path, looks, complaints);
    return spec === undefined ? [] : [spec];
  }
  const keys = new Set<string>();
  return value.flatMap((entry: unknown, index) => {
    const at = [...path, index];
    if (isMap(entry) && entry["name"] === undefined)
      complaints.add(at, "Each entry of a list of checks needs a `name` of its own.");
    const spec = readLook(kind, entry, at, looks, complaints);
    if (spec === undefined) return [];
    if (keys.has(spec.key))
      complaints.add([...at, "name"], `There are two checks \`${spec.key}\`.`, "Give each a name of its own.");
    keys.add(spec.key);
    return [spec];
  });
}

function readLook(
  kind: CheckKind,
  value: unknown,
  path: Path,
  looks: Looks,
  complaints: Complaints,
): CheckSpec | undefined {
  if (!isMap(value)) {
    complaints.add(path, `The check \`${kind.name}\` must be a map with its settings, or a list of such maps.`);
    return undefined;
  }
  const own = Object.keys(CHECK_COMMON.shape);
  const common = complaints.parts(
    CHECK_COMMON,
    pick(value, (key) => own.includes(key)),
    path,
  );
  const settings = pick(value, (key) => !own.includes(key));
  const accepted = complaints.shape(kind.settings, settings, path) !== undefined;
  const target = targetOf(kind, common.target, path, looks, complaints);
  if (!accepted || (kind.on === "target" && target === undefined)) return undefined;
  const provider = looks.places.find(({ name }) => `${looks.service}/${name}` === target)?.provider;
  if (kind.discovers === true && provider?.discovery === undefined) {
    const message = `The check \`${kind.name}\` needs a provider that can say what it runs, and \`${provider?.name}\` cannot.`;
    complaints.add(path, message);
    return undefined;
  }
  return {
    key: [looks.service, kind.name, ...(common.name === undefined ? [] : [common.name])].join("/"),
    service: looks.service,
    check: kind.name,
    on: kind.on,
    ...(target === undefined ? {} : { target }),
    responsibility: common.responsibility ?? kind.responsibility,
    settings,
    every: common.every ?? kind.every,
    rule: { failures: common.failures ?? kind.rule.failures, successes: common.successes ?? kind.rule.successes },
  };
}

/** The key of the target that a check looks at: the one it names, or the only one. */
function targetOf(
  kind: CheckKind,
  named: string | undefined,
  path: Path,
  looks: Looks,
  complaints: Complaints,
): string | undefined {
  if (kind.on !== "target") {
    if (named !== undefined)
      complaints.addKey(
        [...path, "target"],
        `The check \`${kind.name}\` does not look at a target, so it takes no \`target\`.`,
      );
    return undefined;
  }
  const targets = looks.places.map(({ name }) => name);
  const [first, ...others] = targets;
  if (named !== undefined && targets.includes(named)) return `${looks.service}/${named}`;
  if (named !== undefined) {
    complaints.add([...path, "target"], `\`${looks.service}\` has no target \`${named}\`.`, suggestion(named, targets));
    return undefined;
  }
  if (first !== undefined && others.length === 0) return `${looks.service}/${first}`;
  const message = `The check \`${kind.name}\` must say at which \`target\` it looks.`;
  complaints.add(path, message, first === undefined ? "Declare one under `targets:` first." : suggestion("", targets));
  return undefined;
}

function isMap(value: unknown): value is Written {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function pick(value: Written, wanted: (key: string) => boolean): Written {
  return Object.fromEntries(Object.entries(value).filter(([key]) => wanted(key)));
}
