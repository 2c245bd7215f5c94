import { learnSecrets } from "./in-force/secrets.ts";
import { inTransaction, type Db, type Pool } from "./db/sql.ts";
import { EMPTY_CATALOG, type Catalog } from "./domain/catalog.ts";
import type { Standin } from "./domain/rotation.ts";
import { overlay } from "./in-force/overlay.ts";
import { accountNames, deactivatedAccounts } from "./store/accounts.ts";
import { additionsInForce } from "./store/additions.ts";
import {
  inForceMark,
  lastCalled,
  newestVersion,
  newestVersionId,
  overridesInForce,
  type Called,
  type Override,
} from "./store/catalog.ts";
import { standinsInForce } from "./store/standins.ts";

/** The catalog that holds now: the newest imported version and what was changed in Slack since. */
export type InForce = {
  readonly version: number | null;
  /** With what was added in Slack. */
  readonly catalog: Catalog;
  readonly overrides: readonly Override[];
  /** Who stands in for whom, and who is away, as was said in Slack; oldest first. */
  readonly standins: readonly Standin[];
  /** Person keys of those whom Slack called deactivated when it was last asked. */
  readonly left: ReadonlySet<string>;
  /** Whoever left keeps their name on what they did. */
  readonly called: Called;
  /** Slack user id → name of those who were here, while the catalog has no people. */
  readonly strangers: Readonly<Record<string, string>>;
};

const NOTHING: InForce = {
  version: null,
  catalog: overlay(EMPTY_CATALOG, []),
  overrides: [],
  standins: [],
  left: new Set(),
  called: { people: {}, teams: {} },
  strangers: {},
};

/** Who has no account left that works. */
function leftOf({ people }: Catalog, deactivated: readonly string[]): ReadonlySet<string> {
  const gone = Object.values(people).filter(
    ({ slack }) => slack.length > 0 && slack.every((account) => deactivated.includes(account)),
  );
  return new Set(gone.map(({ key }) => key));
}

/** What holds as this process last read it; `again` reads it anew. */
export type CatalogFollower = { current(): InForce; again(): Promise<void> };

export function catalogFollower(pool: Pool): CatalogFollower {
  let inForce: InForce = NOTHING;
  let file = EMPTY_CATALOG;
  let laid = "";
  let mark = "";
  async function read(db: Db): Promise<void> {
    const newest = await newestVersionId(db);
    const overrides = await overridesInForce(db);
    const additions = await additionsInForce(db);
    const standins = await standinsInForce(db);
    const deactivated = await deactivatedAccounts(db);
    const version = newest === inForce.version ? null : await newestVersion(db);
    const text = version?.body ?? file;
    const ids = additions.map(({ id }) => id).join();
    const catalog = version === null && ids === laid ? inForce.catalog : overlay(text, additions);
    const called = version === null ? inForce.called : await lastCalled(db);
    const strangers = Object.keys(catalog.people).length === 0 ? await accountNames(db) : {};
    if (version !== null) await learnSecrets(catalog);
    const left = leftOf(catalog, deactivated);
    // Together: of a look that broke off nothing counts as read.
    inForce = { version: version?.id ?? inForce.version, catalog, overrides, standins, left, called, strangers };
    file = text;
    laid = ids;
  }
  // All over one connection: a start has no other one open yet. Asked each second and by checks, it is nearly always the same.
  async function again(): Promise<void> {
    const newest = await inForceMark(pool);
    const namesStrangers = Object.keys(inForce.catalog.people).length === 0;
    if (newest === mark && !namesStrangers) return;
    await inTransaction(pool, read);
    mark = newest; // what came between the two was perhaps read already, and is read again
  }
  let reading = Promise.resolve();
  return {
    current: () => inForce,
    // One after another: what was read before a change must not stand when its writer has read again.
    again: () => (reading = reading.then(again, again)),
  };
}
