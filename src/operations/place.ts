import type { App } from "../app.ts";
import type { Target } from "../domain/catalog.ts";
import type { Db } from "../db/sql.ts";
import { isSamePlace } from "../providers/index.ts";
import { catalogOf } from "../store/catalog.ts";
import { operationById, type StoredOperation } from "../store/operations.ts";

/**
 * Where a target was by the catalog that an operation's plan was drawn from, or the plan of what it takes back: by now the
 * catalog may mean another place by the same key. Returns `target` itself where it is still the same place, or nothing was
 * drawn yet.
 */
export async function placeOf(app: App, db: Db, operation: StoredOperation, target: Target): Promise<Target> {
  const { reversalOf } = operation;
  const { plan, catalogVersion } = (reversalOf === null ? null : await operationById(db, reversalOf)) ?? operation;
  if (plan === null || catalogVersion === null || catalogVersion === app.inForce().version) return target;
  const { services } = await catalogOf(db, catalogVersion);
  const then = services[operation.service]?.targets.find(({ key }) => key === target.key);
  return then === undefined || isSamePlace(then, target) ? target : then;
}
