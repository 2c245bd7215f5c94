import { readCatalogFile } from "../in-force/file.ts";
import { describeProblem } from "../in-force/import.ts";
import { catalogSchema } from "../catalog/schema.ts";
import { readCatalog } from "../catalog.ts";
import { CHECKS } from "../checks/index.ts";
import { Invalid } from "../errors.ts";
import { PROVIDERS } from "../providers/index.ts";
import { count } from "../slack/text.ts";

/** `daytwo catalog check [file]` and `daytwo catalog schema`. */
export async function catalog(args: readonly string[]): Promise<number> {
  const [verb, path = process.env["DAYTWO_CATALOG"] ?? "daytwo.yaml", ...more] = args;
  if (verb === "check" && more.length === 0) return check(path);
  if (verb === "schema" && args.length === 1) return schema();
  throw new Invalid("`daytwo catalog` takes `check` and a file, or `schema`.", {
    hint: "Like this: daytwo catalog check daytwo.yaml",
  });
}

/** What docs/daytwo.schema.json holds. */
function schema(): number {
  process.stdout.write(`${JSON.stringify(catalogSchema({ checks: CHECKS, providers: PROVIDERS }), null, 2)}\n`);
  return 0;
}

/** Exit 0 when the catalog is good, 1 with every problem otherwise. */
async function check(path: string): Promise<number> {
  const read = readCatalog(await readCatalogFile(path), { checks: CHECKS, providers: PROVIDERS });
  if ("problems" in read) {
    process.stdout.write(`${read.problems.map((problem) => describeProblem(path, problem)).join("\n")}\n`);
    return 1;
  }
  const services = Object.values(read.catalog.services);
  const checks = services.reduce((sum, service) => sum + service.checks.length, 0);
  const people = Object.keys(read.catalog.people).length;
  const holds = [
    count(services.length, "service"),
    count(checks, "check"),
    people === 1 ? "1 person" : `${people} people`,
  ];
  process.stdout.write(`${path} is good: ${holds.join(", ")}.\n`);
  return 0;
}
