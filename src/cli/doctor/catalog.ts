import { readCatalogFile } from "../../in-force/file.ts";
import { describeProblem } from "../../in-force/import.ts";
import { KINDS } from "../../catalog-kinds.ts";
import { readCatalog } from "../../catalog.ts";
import type { Config } from "../../config.ts";
import { EMPTY_CATALOG, type Catalog } from "../../domain/catalog.ts";
import type { Invalid } from "../../errors.ts";
import { describeGood } from "../catalog.ts";
import { doubtful, ill, unexamined, well, type Finding } from "./finding.ts";

/** The catalog as it would be imported, and what is to be said about it. */
export async function examineCatalog(
  config: Config,
): Promise<{ catalog: Catalog | null; findings: readonly Finding[] }> {
  const path = config.catalog;
  if (path === null) return { catalog: EMPTY_CATALOG, findings: [without(config)] };
  const text = await readCatalogFile(path).catch((error: Invalid) => error);
  if (typeof text !== "string") return { catalog: null, findings: [ill(text.message, text.hint)] };
  const read = readCatalog(text, KINDS);
  if ("problems" in read)
    return {
      catalog: null,
      findings: read.problems.map((problem) =>
        ill(describeProblem(path, { ...problem, hint: "" }).trim(), problem.hint),
      ),
    };
  return { catalog: read.catalog, findings: [well(describeGood(path, read.catalog))] };
}

function without(config: Config): Finding {
  if (config.slack.mode === "local") return unexamined("The catalog is the demo's, which starts with `npm start`.");
  return doubtful(
    "There is no catalog, so nothing is watched.",
    "Write daytwo.yaml (docs/catalog.md), and set DAYTWO_CATALOG to it.",
  );
}
