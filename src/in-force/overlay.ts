import { withAdditions } from "../catalog/additions.ts";
import { CHECKS } from "../checks/index.ts";
import type { Addition } from "../domain/addition.ts";
import type { Catalog } from "../domain/catalog.ts";
import { withOwnKeysOnly } from "../domain/own-keys.ts";

/** What the file says and what was added in Slack, together: the catalog that is in force. */
export function overlay(file: Catalog, additions: readonly Addition[]): Catalog {
  return withOwnKeysOnly(withAdditions(file, additions, { checks: CHECKS, providers: [] }));
}
