import type { Catalog } from "../domain/catalog.ts";
import { RESPONSIBILITIES, type Assignee, type Responsibility } from "../domain/duty.ts";
import { asJson } from "../db/json.ts";
import {
  execute,
  integer,
  json,
  nullable,
  often,
  oneOf,
  query,
  queryOne,
  queryRow,
  Row,
  sql,
  text,
  timestamp,
  type Db,
  type RowOf,
} from "../db/sql.ts";

const VERSION = new Row({ id: integer, importedAt: timestamp, source: text, digest: text, body: json<Catalog>() });
export type CatalogVersion = RowOf<typeof VERSION>;

export async function newestVersion(db: Db): Promise<CatalogVersion | null> {
  return queryOne(db, VERSION, sql`select ${VERSION} from catalog_versions order by id desc limit 1`);
}

const BODY = new Row({ body: json<Catalog>() });

/** What the catalog said in a version of it. */
export async function catalogOf(db: Db, version: number): Promise<Catalog> {
  const row = await queryOne(db, BODY, sql`select body from catalog_versions where id = ${version}`);
  if (row === null) throw new Error(`there is no version ${version} of the catalog`);
  return row.body;
}

const ID = new Row({ id: integer });

export async function newestVersionId(db: Db): Promise<number | null> {
  return (await queryOne(db, ID, sql`select id from catalog_versions order by id desc limit 1`))?.id ?? null;
}

export async function insertVersion(
  db: Db,
  version: { source: string; digest: string; body: Catalog; importedAt: Date },
): Promise<number> {
  const row = await queryRow(
    db,
    ID,
    sql`insert into catalog_versions (imported_at, source, digest, body)
        values (${version.importedAt}, ${version.source}, ${version.digest}, ${asJson(version.body)}) returning id`,
  );
  return row.id;
}

/** Key → name. */
export type Called = Readonly<Record<"people" | "teams", Readonly<Record<string, string>>>>;

const CALLED = new Row({ kind: oneOf(["people", "teams"]), key: text, name: text });
const VERSIONS_KNOWN = 200;

/** How everybody was last called, those included who left within the last versions. */
export async function lastCalled(db: Db): Promise<Called> {
  const rows = await query(
    db,
    CALLED,
    sql`select distinct on (s.kind, one.key) s.kind, one.key, one.value->>'name' as name
        from (select id, body from catalog_versions order by id desc limit ${VERSIONS_KNOWN}) as v
        cross join lateral (values ('people', v.body->'people'), ('teams', v.body->'teams')) as s (kind, parties)
        cross join lateral jsonb_each(s.parties) as one
        order by s.kind, one.key, v.id desc`,
  );
  function of(kind: "people" | "teams"): Record<string, string> {
    return Object.fromEntries(rows.filter((row) => row.kind === kind).map(({ key, name }) => [key, name]));
  }
  return { people: of("people"), teams: of("teams") };
}

/** One importer at a time, over all processes, until the transaction ends. */
export async function lockCatalog(db: Db): Promise<void> {
  await execute(db, sql`select pg_advisory_xact_lock(hashtext('daytwo.catalog'))`);
}

const MARK = new Row({ mark: text });

/** Another one whenever something else is in force. What it names is written once and never changes, except that it ends. */
export async function inForceMark(db: Db): Promise<string> {
  const row = await queryOne(
    db,
    MARK,
    often(
      "in_force.mark",
      sql`select array[
            (select max(id)::text from catalog_versions),
            (select string_agg(id::text, ',' order by id) from overrides where ended_at is null),
            (select string_agg(id::text, ',' order by id) from additions where ended_at is null),
            (select string_agg(id::text, ',' order by id) from standins where ended_at is null),
            (select string_agg(account, ',' order by account) from accounts where kind = 'deactivated')]::text as mark`,
    ),
  );
  return row?.mark ?? "";
}

const OVERRIDE = new Row({
  id: integer,
  service: text,
  responsibility: oneOf(RESPONSIBILITIES),
  ownerPerson: nullable(text),
  ownerTeam: nullable(text),
  ownerRotation: nullable(text),
  madeBy: text,
  madeAt: timestamp,
  covered: nullable(text),
});

/** A change over the catalog; nobody to answer for it means that it was taken from everybody. */
export type Override = {
  readonly id: number;
  readonly service: string;
  readonly responsibility: Responsibility;
  readonly to: Assignee | null;
  readonly madeBy: string;
  readonly madeAt: Date;
  /** The catalog's value that it covers, as text; the override ends when a file changes that value. */
  readonly covered: string | null;
};

export async function overridesInForce(db: Db): Promise<Override[]> {
  const rows = await query(db, OVERRIDE, sql`select ${OVERRIDE} from overrides where ended_at is null order by id`);
  return rows.map(({ ownerPerson: person, ownerTeam: team, ownerRotation: rotation, ...row }) => {
    if (person !== null) return { ...row, to: { person } };
    if (team !== null) return { ...row, to: { team } };
    return { ...row, to: rotation === null ? null : { rotation } };
  });
}

export async function insertOverride(db: Db, override: Omit<Override, "id">): Promise<void> {
  const { to } = override;
  const [person, team, rotation] = [
    to !== null && "person" in to ? to.person : null,
    to !== null && "team" in to ? to.team : null,
    to !== null && "rotation" in to ? to.rotation : null,
  ];
  await execute(
    db,
    sql`insert into overrides (service, responsibility, owner_person, owner_team, owner_rotation, made_by, made_at, covered)
        values (${override.service}, ${override.responsibility}, ${person}, ${team}, ${rotation},
                ${override.madeBy}, ${override.madeAt}, ${override.covered})`,
  );
}

export async function endOverride(db: Db, service: string, responsibility: Responsibility, at: Date): Promise<void> {
  await execute(
    db,
    sql`update overrides set ended_at = ${at} where service = ${service} and responsibility = ${responsibility} and ended_at is null`,
  );
}
