import { readCatalogFile } from "../../in-force/file.ts";
import { describeProblem } from "../../in-force/import.ts";
import { readCatalog } from "../../catalog.ts";
import { CHECKS } from "../../checks/index.ts";
import type { Config } from "../../config.ts";
import { EMPTY_CATALOG, type Catalog } from "../../domain/catalog.ts";
import type { Invalid } from "../../errors.ts";
import { PROVIDERS } from "../../providers/index.ts";
import { doubtful, ill, unexamined, well, type Finding } from "./finding.ts";

/** The catalog as it would be imported, and what is to be said about it. */
export async function examineCatalog(
  config: Config,
): Promise<{ catalog: Catalog | null; findings: readonly Finding[] }> {
  const path = config.catalog;
  if (path === null) return without(config);
  const text = await readCatalogFile(path).catch((error: Invalid) => error);
  if (typeof text !== "string") return { catalog: null, findings: [ill(text.message, text.hint)] };
  const read = readCatalog(text, { checks: CHECKS, providers: PROVIDERS });
  if ("problems" in read)
    return {
      catalog: null,
      findings: read.problems.map((problem) =>
        ill(describeProblem(path, { ...problem, hint: "" }).trim(), problem.hint),
      ),
    };
  const services = Object.values(read.catalog.services);
  const checks = services.reduce((sum, service) => sum + service.checks.length, 0);
  const people = Object.keys(read.catalog.people).length;
  const counts = `${services.length} services, ${checks} checks, ${people} people`;
  return { catalog: read.catalog, findings: [well(`${path} is good: ${counts}.`)] };
}

function without(config: Config): { catalog: Catalog | null; findings: readonly Finding[] } {
  if (config.slack.mode === "local")
    return {
      catalog: EMPTY_CATALOG,
      findings: [unexamined("The catalog is the demo's, which starts with `npm start`.")],
    };
  return {
    catalog: EMPTY_CATALOG,
    findings: [
      doubtful(
        "There is no catalog, so nothing is watched.",
        "Write daytwo.yaml (docs/catalog.md), and set DAYTWO_CATALOG to it.",
      ),
    ],
  };
}
