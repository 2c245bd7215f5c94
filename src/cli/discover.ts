import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { stripVTControlCharacters } from "node:util";
import { parse, stringify } from "yaml";
import { collectComplaints } from "../catalog/complaints.ts";
import { readCatalogFile } from "../in-force/file.ts";
import { KINDS } from "../catalog-kinds.ts";
import { readCatalog } from "../catalog.ts";
import { setting } from "../config/names.ts";
import { EMPTY_CATALOG, type Catalog, type Target } from "../domain/catalog.ts";
import { readCodeowners } from "../domain/codeowners.ts";
import { placeOf, unnamed } from "../domain/discovered.ts";
import { propose, type Proposal } from "../domain/proposal.ts";
import { Invalid } from "../errors.ts";
import { PROVIDERS } from "../providers/index.ts";
import type { Discovery, Provider } from "../providers/provider.ts";
import { count, literal } from "../slack/text.ts";

/**
 * `daytwo discover <provider> [part=value …] [beside=service/target] [codeowners=file]`: what runs there and the catalog does not
 * name, as lines for the catalog on stdout. It changes nothing.
 */
export async function discover(args: readonly string[]): Promise<number> {
  const [name, ...given] = args;
  const provider = discoverable(name);
  const [path, beside] = [CODEOWNERS, BESIDE].map((word) => wordBehind(word, given));
  const parts = given.filter((part) => !part.startsWith(CODEOWNERS) && !part.startsWith(BESIDE));
  const codeowners = path === undefined ? [] : readCodeowners(await readText(path, "codeowners=… is a path."));
  const catalog = await catalogInForce();
  const all = Object.values(catalog.services).flatMap((service) => service.targets);
  const targets = all.filter((target) => target.provider === provider.name);
  const where = placeGiven(provider, [
    ...(beside === undefined ? [] : partsBeside(beside, provider, targets)),
    ...partsOf(parts),
  ]);
  const found = await provider.discovery.list(where, AbortSignal.timeout(PATIENCE));
  const missing = unnamed(found, targets, provider.discovery.isSame);
  process.stderr.write(`${said(found.length, missing.length)}\n`);
  if (missing.length > 0) process.stdout.write(written(provider.name, propose(missing, catalog, codeowners)));
  return 0;
}

const PATIENCE = 60_000; // ms for all of it
const FILE = "daytwo.yaml";
const CODEOWNERS = "codeowners=";
const BESIDE = "beside=";

function wordBehind(word: string, given: readonly string[]): string | undefined {
  return given.find((part) => part.startsWith(word))?.slice(word.length);
}

type Discoverable = (typeof PROVIDERS)[number] & { readonly discovery: Discovery };

function canDiscover(provider: Provider): provider is Discoverable {
  return provider.discovery !== undefined;
}

/** @throws Invalid naming those that can be asked */
function discoverable(name: string | undefined): Discoverable {
  const able = PROVIDERS.filter(canDiscover);
  const provider = able.find((each) => each.name === name);
  if (provider !== undefined) return provider;
  throw new Invalid(
    `\`daytwo discover\` takes the provider that is to be asked${name === undefined ? "" : `, not ${name}`}.`,
    {
      hint: `It can be ${able.map((each) => each.name).join(", ")}. Like this: daytwo discover kubernetes namespace=shop`,
    },
  );
}

/** `namespace=shop`, and what is more than a word as YAML: `kubeconfig='{ file: ./config }'`. @throws Invalid */
function partsOf(given: readonly string[]): Part[] {
  return given.map((part) => {
    const [, key, value = ""] = /^([a-z_]+)=(.+)$/s.exec(part) ?? [];
    if (key === undefined) throw new Invalid(`I do not understand ${part}.`, { hint: "Like this: namespace=shop" });
    try {
      return [key, parse(value) as unknown];
    } catch (cause) {
      throw new Invalid(`I do not understand ${part}.`, { cause, hint: "What stands behind = is YAML." });
    }
  });
}

type Part = readonly [name: string, value: unknown];

/** Where a target of the catalog is, with its credentials. @throws Invalid naming those that there are */
function partsBeside(key: string, { name, discovery }: Discoverable, targets: readonly Target[]): Part[] {
  const target = targets.find((each) => each.key === key);
  if (target !== undefined) return Object.entries(placeOf(target, Object.keys(discovery.place.shape)));
  const keys = targets.map((each) => each.key).join(", ");
  throw new Invalid(`The catalog has no target ${key} on ${name}.`, {
    hint: keys === "" ? "It has none there at all." : `It has ${keys}.`,
  });
}

/** @throws Invalid */
function placeGiven({ name, discovery }: Discoverable, parts: readonly Part[]): unknown {
  const complaints = collectComplaints();
  const place = complaints.shape(discovery.place, Object.fromEntries(parts), []);
  if (place !== undefined) return place;
  throw new Invalid(`I do not understand where to look: ${complaints.list.map(({ message }) => message).join(" ")}`, {
    hint: `${name} takes ${Object.keys(discovery.place.shape)
      .map((key) => `${key}=…`)
      .join(" ")}, or beside=service/target.`,
  });
}

/** The one that DAYTWO_CATALOG names, or that lies here; before there is one everything is new. @throws Invalid */
async function catalogInForce(): Promise<Catalog> {
  const named = setting(process.env, "DAYTWO_CATALOG");
  if (named === undefined && !existsSync(FILE)) return EMPTY_CATALOG;
  const path = named ?? FILE;
  const read = readCatalog(await readCatalogFile(path), KINDS);
  if ("catalog" in read) return read.catalog;
  throw new Invalid(`The catalog ${path} has mistakes.`, { hint: "`daytwo catalog check` lists them." });
}

/** @throws Invalid */
async function readText(path: string, hint: string): Promise<string> {
  return readFile(path, "utf8").catch((cause: unknown) => {
    throw new Invalid(`${path} cannot be read.`, { cause, hint });
  });
}

function said(found: number, missing: number): string {
  if (found === 0) return "Nothing runs there that could be a target.";
  if (missing === 0) return `The catalog names all ${found} that run there.`;
  return `${count(missing, "of them is", "of them are")} not in the catalog, of ${found} that run there. Put the lines in, and let \`daytwo catalog check\` read them.`;
}

/** As it goes into the catalog. Whatever comes from outside is data there, or a comment of one line. */
function written(provider: string, proposals: readonly Proposal[]): string {
  const lines = proposals.flatMap(({ service, isKnown, owner, said, targets, checks }) => [
    `  ${service}:${isKnown ? " # is in the catalog: add the targets to it" : ""}`,
    ...(isKnown ? [] : [`    ${ownerLine(owner, said)}`]),
    "    targets:",
    ...Object.entries(targets).map(([name, settings]) => `      ${name}: ${flow({ provider, ...settings })}`),
    ...(isKnown ? [] : [`    checks: ${looksLine(checks)}`]),
  ]);
  return `services:\n${lines.join("\n")}\n`;
}

function looksLine(checks: Proposal["checks"]): string {
  const looks = Object.entries(checks).map(([check, names]) => {
    const [only, another] = names;
    return [check, another === undefined ? { target: only } : names.map((name) => ({ name, target: name }))];
  });
  return flow(Object.fromEntries(looks));
}

function ownerLine(owner: string | null, said: readonly string[]): string {
  const words = said.map((each) => literal(stripVTControlCharacters(each), 100)).join(", ");
  if (owner !== null) return `owner: ${owner} # it says ${words}`;
  return words === ""
    ? "# owner: it says nobody; write a person or team-…"
    : `# owner: it says ${words}, whom the catalog does not know; write a person or team-…`;
}

function flow(value: unknown): string {
  return stringify(value, { collectionStyle: "flow", lineWidth: 0 }).trim();
}
