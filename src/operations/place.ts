import type { App } from "../app.ts";
import type { Target } from "../domain/catalog.ts";
import type { Db } from "../db/sql.ts";
import { isSamePlace } from "../providers/index.ts";
import { catalogOf } from "../store/catalog.ts";
import { operationById, type StoredOperation } from "../store/operations.ts";

/**
 * Where a target is, as the catalog said when an operation's plan was drawn, or that of what it takes back: what it calls by
 * the same key may be another place by now. The very `target`, as it is reached and known today, where it is none, or nothing
 * was drawn yet.
 */
export async function placeOf(app: App, db: Db, operation: StoredOperation, target: Target): Promise<Target> {
  const { reversalOf } = operation;
  const { plan, catalogVersion } = (reversalOf === null ? null : await operationById(db, reversalOf)) ?? operation;
  if (plan === null || catalogVersion === null || catalogVersion === app.inForce().version) return target;
  const { services } = await catalogOf(db, catalogVersion);
  const then = services[operation.service]?.targets.find(({ key }) => key === target.key);
  return then === undefined || isSamePlace(then, target) ? target : then;
}
