import type { App } from "../app.ts";
import type { Change } from "../caller.ts";
import { canonical } from "../domain/canonical.ts";
import type { Catalog } from "../domain/catalog.ts";
import { type Window, openingOf, type WindowKind } from "../domain/window.ts";
import { insertWindow, lockDeclared, moveWindow, type NewWindow } from "../store/windows.ts";
import { finish } from "./moving.ts";

/** Within an import: the windows of the catalog are these from now on; one that stays as it is goes on. */
export async function keepDeclared(
  app: App,
  change: Change,
  { freezes = [], windows = [] }: Pick<Catalog, "freezes" | "windows">,
): Promise<void> {
  const wanted = [
    ...freezes.map((each) => aspects("freeze", each)),
    ...windows.map((each) => aspects("maintenance", each)),
  ];
  const staying = new Set<string>();
  for (const window of await lockDeclared(change.db)) {
    const same = wanted.find((each) => said(each) === said(window) && !staying.has(said(each)));
    if (same !== undefined) {
      staying.add(said(same));
      continue;
    }
    if (window.openedAt !== null) await finish(app, change, window);
    await moveWindow(change.db, window.id, null);
  }
  for (const each of wanted.filter((window) => !staying.has(said(window)))) {
    const opening = openingOf(each.rule, change.now);
    if (opening !== null) await insertWindow(change.db, { ...each, ...opening, madeBy: null, madeAt: null });
  }
}

type Aspects = Pick<NewWindow, "kind" | "name" | "action" | "environment" | "service" | "rule">;

function aspects(kind: WindowKind, { name, when, from, until, zone }: Window): Aspects {
  const { action = null, environment = null, service = null } = when;
  return { kind, name, action, environment, service, rule: { from, until, zone } };
}

function said({ kind, name, action, environment, service, rule }: Aspects): string {
  return canonical({ kind, name, action, environment, service, rule });
}
