import type { Catalog } from "./catalog.ts";
import { codeownersOf, type Codeowners } from "./codeowners.ts";
import type { Found } from "./discovered.ts";

/** What the catalog could say of what it does not name yet. */

export type Proposal = {
  /** Key of the service. */
  readonly service: string;
  /** Whether the catalog has such a service, which then needs only the targets. */
  readonly isKnown: boolean;
  /** "team-web" or "ana"; null where nobody whom the catalog knows is named. */
  readonly owner: string | null;
  /** Everybody whom something there names, as it is written there. */
  readonly said: readonly string[];
  /** Name of the target → its settings. */
  readonly targets: Readonly<Record<string, Found["settings"]>>;
  /** Name of the check → the targets that it looks at. */
  readonly checks: Readonly<Record<string, readonly string[]>>;
};

/** One service for what says that it is part of the same, else one for each. */
export function propose(found: readonly Found[], catalog: Catalog, codeowners: Codeowners): Proposal[] {
  // Names that leave no key, like 42 and 日本, have nothing in common by that.
  const services = Map.groupBy(found, ({ name, partOf }) => keyIn(partOf ?? name) ?? partOf ?? name);
  const taken = new Set([...services.keys(), ...Object.keys(catalog.services)]);
  return [...services].map(([whole, parts]) => {
    const service = keyIn(whole) ?? freeOf(NAMELESS, taken);
    const said = [...new Set(parts.flatMap((part) => saidOf(part, codeowners)))];
    const targets = targetsOf(service, parts, catalog);
    return {
      service,
      isKnown: Object.hasOwn(catalog.services, service),
      owner: said.map((words) => partyOf(words, catalog)).find((party) => party !== null) ?? null,
      said,
      targets: Object.fromEntries([...targets].map(([name, { settings }]) => [name, settings])),
      checks: checksOn(targets),
    };
  });
}

function saidOf({ name, partOf, owner }: Found, codeowners: Codeowners): readonly string[] {
  if (owner !== undefined) return [owner];
  const own = codeownersOf(codeowners, name);
  return own.length > 0 || partOf === undefined ? own : codeownersOf(codeowners, partOf);
}

/** Whom of ours a label, a tag or a line of CODEOWNERS means: `web`, `team-web`, `Web team`, `@acme/web`. */
function partyOf(words: string, { teams, people }: Catalog): string | null {
  const plain = words.toLowerCase().replace(/^@(?:.*\/)?/, "");
  const team = Object.values(teams).find(({ key, name }) => [key, `team-${key}`, name.toLowerCase()].includes(plain));
  if (team !== undefined) return `team-${team.key}`;
  return Object.values(people).find(({ key, name }) => [key, name.toLowerCase()].includes(plain))?.key ?? null;
}

/** Each by what it is called within its service; two of the same name, there or in the catalog, are told apart by a number. */
function targetsOf(service: string, parts: readonly Found[], { services }: Catalog): ReadonlyMap<string, Found> {
  const known = Object.hasOwn(services, service) ? (services[service]?.targets ?? []) : [];
  const taken = new Set(known.map(({ name }) => name));
  const targets = new Map<string, Found>();
  for (const part of parts) {
    const key = keyOf(part.name);
    const own = key.startsWith(`${service}-`) ? keyOf(key.slice(service.length + 1)) : key;
    targets.set(freeOf(own, taken), part);
  }
  return targets;
}

/** The key, with a number where it is taken; from now on it is. */
function freeOf(key: string, taken: Set<string>): string {
  let free = key;
  for (let count = 2; taken.has(free); count += 1) free = `${key.slice(0, 36)}-${count}`;
  taken.add(free);
  return free;
}

function checksOn(targets: ReadonlyMap<string, Found>): Proposal["checks"] {
  const checks = [...targets].flatMap(([name, part]) =>
    ["health", ...(part.checks ?? [])].map((check) => ({ check, name })),
  );
  return Object.fromEntries(
    [...Map.groupBy(checks, ({ check }) => check)].map(([check, on]) => [check, on.map(({ name }) => name)]),
  );
}

const NAMELESS = "service";

function keyOf(name: string): string {
  return keyIn(name) ?? NAMELESS;
}

/** As the catalog takes a key: it begins with a small letter, and has only small letters, digits and `-`, 40 at most. */
function keyIn(name: string): string | undefined {
  const key = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replace(/^[^a-z]+/, "")
    .slice(0, 40)
    .replace(/-+$/, "");
  return key === "" ? undefined : key;
}
