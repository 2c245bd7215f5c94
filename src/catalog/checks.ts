import type { CheckSpec } from "../domain/catalog.ts";
import { given } from "../domain/given.ts";
import { isObject } from "../domain/json-object.ts";
import { suggestion, type Complaints, type Path } from "./complaints.ts";
import type { CheckKind } from "./kinds.ts";
import { CHECK_COMMON } from "./service-shapes.ts";
import type { DeclaredTargets } from "./targets.ts";
import { parted, type Written } from "./written.ts";

/** Reads what is looked at of a service. */

/** What the reading of a check needs to know: whose it is, and what it may look at. */
type Reading = { readonly service: string; readonly targets: DeclaredTargets; readonly complaints: Complaints };

export function readChecks(checks: Written, kinds: readonly CheckKind[], reading: Reading): CheckSpec[] {
  const { service, complaints } = reading;
  const specs: CheckSpec[] = [];
  const names = kinds.map((each) => each.name);
  for (const [check, value] of Object.entries(checks)) {
    const path = ["services", service, "checks", check];
    const kind = kinds.find((each) => each.name === check);
    if (kind === undefined) {
      complaints.addKey(path, `There is no check \`${check}\`.`, suggestion(check, names));
    } else if (!(check === "ownership" && isOff(value))) {
      specs.push(...readCheck(kind, value, path, reading));
    }
  }
  const ownership = kinds.find((each) => each.name === "ownership");
  if (ownership !== undefined && checks["ownership"] === undefined) {
    specs.push(...readCheck(ownership, {}, ["services", service], reading));
  }
  return specs;
}

/** `off` is text in YAML 1.2 and was a boolean before; people mean the same by both. */
function isOff(value: unknown): boolean {
  return value === "off" || value === false;
}

/** One check, or a list of named ones. */
function readCheck(kind: CheckKind, value: unknown, path: Path, reading: Reading): CheckSpec[] {
  if (!Array.isArray(value)) {
    const spec = readLook(kind, value ?? {}, path, reading);
    return spec === undefined ? [] : [spec];
  }
  const keys = new Set<string>();
  return value.flatMap((entry: unknown, index) => {
    const at = [...path, index];
    if (isObject(entry) && entry["name"] === undefined)
      reading.complaints.add(at, "Each entry of a list of checks needs a `name` of its own.");
    const spec = readLook(kind, entry, at, reading);
    if (spec === undefined) return [];
    if (keys.has(spec.key))
      reading.complaints.add([...at, "name"], `There are two checks \`${spec.key}\`.`, "Give each a name of its own.");
    keys.add(spec.key);
    return [spec];
  });
}

function readLook(kind: CheckKind, value: unknown, path: Path, reading: Reading): CheckSpec | undefined {
  const { service, targets, complaints } = reading;
  if (!isObject(value)) {
    complaints.add(path, `The check \`${kind.name}\` must be a map with its settings, or a list of such maps.`);
    return undefined;
  }
  const { common: written, settings } = parted(value, CHECK_COMMON);
  const common = complaints.parts(CHECK_COMMON, written, path);
  const accepted = complaints.shape(kind.settings, settings, path, Object.keys(CHECK_COMMON.shape)) !== undefined;
  const target = targetOf(kind, common.target, path, reading);
  if (!accepted || (kind.on === "target" && target === undefined)) return undefined;
  const provider = targets.find(({ name }) => `${service}/${name}` === target)?.provider;
  if (kind.discovers === true && provider?.discovery === undefined) {
    const message = `The check \`${kind.name}\` needs a provider that can say what it runs, and \`${provider?.name}\` cannot.`;
    complaints.add(path, message);
    return undefined;
  }
  return {
    key: [service, kind.name, common.name].filter((part) => part !== undefined).join("/"),
    service,
    check: kind.name,
    on: kind.on,
    ...given({ target }),
    responsibility: common.responsibility ?? kind.responsibility,
    settings,
    every: common.every ?? kind.every,
    rule: { failures: common.failures ?? kind.rule.failures, successes: common.successes ?? kind.rule.successes },
  };
}

/** The key of the target that a check looks at: the one it names, or the only one. */
function targetOf(kind: CheckKind, named: string | undefined, path: Path, reading: Reading): string | undefined {
  const { service, complaints } = reading;
  if (kind.on !== "target") {
    if (named !== undefined)
      complaints.addKey(
        [...path, "target"],
        `The check \`${kind.name}\` does not look at a target, so it takes no \`target\`.`,
      );
    return undefined;
  }
  const targets = reading.targets.map(({ name }) => name);
  const [first, ...others] = targets;
  if (named !== undefined && targets.includes(named)) return `${service}/${named}`;
  if (named !== undefined) {
    complaints.add([...path, "target"], `\`${service}\` has no target \`${named}\`.`, suggestion(named, targets));
    return undefined;
  }
  if (first !== undefined && others.length === 0) return `${service}/${first}`;
  const message = `The check \`${kind.name}\` must say at which \`target\` it looks.`;
  complaints.add(path, message, first === undefined ? "Declare one under `targets:` first." : suggestion("", targets));
  return undefined;
}
