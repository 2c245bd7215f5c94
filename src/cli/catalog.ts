import { readCatalogFile } from "../in-force/file.ts";
import { describeProblem } from "../in-force/import.ts";
import { KINDS } from "../catalog-kinds.ts";
import { catalogSchema } from "../catalog/schema.ts";
import { readCatalog } from "../catalog.ts";
import { setting } from "../config/names.ts";
import type { Catalog } from "../domain/catalog.ts";
import { Invalid } from "../errors.ts";
import { count } from "../slack/text.ts";

/** `daytwo catalog check [file]` and `daytwo catalog schema`. */
export async function catalog(args: readonly string[]): Promise<number> {
  const [verb, path = setting(process.env, "DAYTWO_CATALOG") ?? "daytwo.yaml", ...more] = args;
  if (verb === "check" && more.length === 0) return check(path);
  if (verb === "schema" && args.length === 1) return schema();
  throw new Invalid("`daytwo catalog` takes `check` and a file, or `schema`.", {
    hint: "Like this: daytwo catalog check daytwo.yaml",
  });
}

/** What docs/daytwo.schema.json holds. */
function schema(): number {
  process.stdout.write(`${JSON.stringify(catalogSchema(KINDS), null, 2)}\n`);
  return 0;
}

/** Exit 0 when the catalog is good, 1 with every problem otherwise. */
async function check(path: string): Promise<number> {
  const read = readCatalog(await readCatalogFile(path, { once: true }), KINDS);
  if ("problems" in read) {
    process.stdout.write(`${read.problems.map((problem) => describeProblem(path, problem)).join("\n")}\n`);
    return 1;
  }
  process.stdout.write(`${describeGood(path, read.catalog)}\n`);
  return 0;
}

/** "daytwo.yaml is good: 3 services, 7 checks, 1 person." */
export function describeGood(path: string, catalog: Catalog): string {
  const services = Object.values(catalog.services);
  const holds = [
    count(services.length, "service"),
    count(services.flatMap(({ checks }) => checks).length, "check"),
    count(Object.keys(catalog.people).length, "person", "people"),
  ];
  return `${path} is good: ${holds.join(", ")}.`;
}
