import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { sweep } from "../jobs/loops.ts";
import { openAlertIntake, type AlertIntake } from "../src/alerts/intake.ts";
import { forgetOldAlerts } from "../src/alerts/sweeps.ts";
import type { AlertSource } from "../src/domain/alert-source.ts";
import { Unavailable } from "../src/errors.ts";
import { alertOf } from "../src/alert-formats/read.ts";
import { lockSources } from "../src/store/kept-alerts.ts";
import { randomFrom } from "./support/mutated.ts";
import { close, count, open, type Open } from "./support/open.ts";
import { until } from "./support/until.ts";

/** Alerts are kept together, each once, and remembered no longer than what is remembered is true. */

const CATALOG = `
people: { ana: { name: Ana, slack: U0ANA } }
services: { shop: { owner: ana, checks: { ownership: off } } }
`;
const SOURCES = "alerts: { prom: { format: alertmanager, secret: { env: NONE } } }";
const SOURCE: AlertSource = { key: "prom", format: "alertmanager", secret: { env: "NONE" } };
const WAITING_FOR_LOCKS = "pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
const START = new Date("2026-11-30T00:00:00Z");

function alert(name: string, instance: string, state: "firing" | "resolved" | "told" = "firing") {
  const labels = { service: "shop", instance };
  return alertOf({ identity: `${name}/${instance}`, name, state, labels, startedAt: START });
}

describe("kept together", () => {
  let under: Open;
  let one: AlertIntake;
  let other: AlertIntake;

  beforeAll(async () => {
    under = await open("http", CATALOG + SOURCES);
  });
  beforeEach(async () => {
    await under.pool.query("truncate alerts, alert_groups, alert_writers");
    // As two processes: neither knows what the other takes.
    [one, other] = [openAlertIntake(under.bot.bot.app), openAlertIntake(under.bot.bot.app)];
  });
  afterAll(() => close(under));

  async function firing(): Promise<number> {
    const { rows } = await under.pool.query<{ sum: number }>(
      "select coalesce(sum(firing), 0)::int as sum from alert_groups",
    );
    return rows[0]?.sum ?? -1;
  }

  test("a thousand requests from two processes at once: every alert is a row, once", async () => {
    const sent = Array.from({ length: 1_000 }, (_, index) => [
      alert(`Storm${index % 10}`, `i${index % 100}`),
      alert(`Storm${index % 10}`, `j${index}`),
    ]);
    await Promise.all(sent.map((alerts, index) => (index % 2 === 0 ? one : other).take(SOURCE, alerts)));
    await Promise.all([one.close(), other.close()]);
    expect(await count(under, "alerts")).toBe(1_100);
    expect(await firing()).toBe(1_100);
    expect(await count(under, "items where state <> 'resolved' and summary like 'Storm%several alerts'")).toBe(10);
    await one.take(
      SOURCE,
      sent.flat().map((each) => ({ ...each, state: "resolved" })),
    );
    expect(await firing()).toBe(0);
    expect(await count(under, "items where state <> 'resolved' and summary like 'Storm%'")).toBe(0);
    expect(await count(under, "events where kind = 'item.opened'")).toBe(10);
  });

  test("one alert more of several waits for nobody who changes their item meanwhile", async () => {
    await one.take(SOURCE, [alert("Busy", "a"), alert("Busy", "b")]);
    const somebody = await under.pool.connect();
    try {
      await somebody.query("begin");
      const { rowCount } = await somebody.query("select from items where summary like 'Busy%' for update");
      expect(rowCount).toBe(1);
      await one.take(SOURCE, [alert("Busy", "c")]);
      expect(await firing()).toBe(3);
    } finally {
      await somebody.query("rollback");
      somebody.release();
    }
  });

  test("one alert that is graver, or only tells something, is seen on an item of several that has no card", async () => {
    const names = ["Graver", "Telling"];
    await one.take(
      SOURCE,
      names.flatMap((name) => [alert(name, "a"), alert(name, "b")]),
    );
    const items = "items where state = 'open' and summary in ('Graver: several alerts', 'Telling: several alerts')";
    await under.pool.query(`delete from postings where subject_kind = 'item' and subject in (select id from ${items})`);
    await one.take(
      SOURCE,
      names.map((name) => alert(name, "c")),
    );
    expect(await count(under, `${items} and severity = 'warning' and seen = 1`)).toBe(2);
    await one.take(SOURCE, [{ ...alert("Graver", "d"), severity: "critical" }, alert("Telling", "d", "told")]);
    expect(await count(under, `${items} and seen = 2 and severity = 'critical'`)).toBe(1);
    expect(await count(under, `${items} and seen = 2 and severity = 'warning'`)).toBe(1);
    expect(await firing()).toBe(7);
  });

  test("an item that somebody resolves meanwhile is followed by none while its service is in maintenance", async () => {
    await one.take(SOURCE, [alert("Quiet", "a")]);
    await under.pool.query(
      `insert into windows (kind, name, service, rule, starts_at, ends_at, made_by, made_at, opened_at)
       values ('maintenance', 'deploy', 'shop', '{}', $1::timestamptz - interval '1 h', $1::timestamptz + interval '1 h', 'ana', $1, $1)`,
      [under.bot.now()],
    );
    const somebody = await under.pool.connect();
    try {
      await somebody.query("begin");
      await somebody.query("update items set state = 'resolved', resolved_at = now() where summary like 'Quiet%'");
      const taken = one.take(SOURCE, [alert("Quiet", "b")]);
      await until("the intake to wait for that item", async () => (await count(under, WAITING_FOR_LOCKS)) > 0);
      await somebody.query("commit");
      await taken;
      expect(await count(under, "items where state <> 'resolved' and summary like 'Quiet%'")).toBe(0);
    } finally {
      somebody.release();
      await under.pool.query("truncate alerts, alert_groups");
      await under.pool.query("delete from windows");
    }
  });

  test("what goes on unchanged is not written again", async () => {
    await one.take(SOURCE, [alert("Same", "a")]);
    const written = await rowVersion();
    for (let times = 0; times < 3; times += 1) await one.take(SOURCE, [alert("Same", "a")]);
    expect(await rowVersion()).toBe(written);
    under.bot.advance(31_000);
    await one.take(SOURCE, [alert("Same", "a")]);
    expect(await rowVersion()).not.toBe(written);
  });

  async function rowVersion(): Promise<string> {
    const { rows } = await under.pool.query<{ xmin: string }>("select xmin::text from alerts");
    return rows[0]?.xmin ?? "";
  }

  test("what another process ended begins anew, however fresh the memory of it is", async () => {
    await one.take(SOURCE, [alert("Ended", "a")]);
    await other.take(SOURCE, [alert("Ended", "a", "resolved")]);
    expect(await firing()).toBe(0);
    await one.take(SOURCE, [alert("Ended", "a")]);
    expect(await firing()).toBe(1);
    expect(await count(under, "items where state = 'open' and summary = 'Ended'")).toBe(1);
    expect(await count(under, "events where kind = 'item.reopened'")).toBe(1);
  });

  test("two processes and their restarts keep what one that remembers nothing would have kept", async () => {
    const random = randomFrom(17);
    const kept = new Map<string, { state: string; summary: string }>();
    const processes = [one, other];
    for (let step = 0; step < 80; step += 1) {
      const which = Math.floor(random() * 2);
      if (random() < 0.05) processes[which] = openAlertIntake(under.bot.bot.app);
      const sent = ["a", "b", "c"].slice(Math.floor(random() * 3)).map((instance) => ({
        ...alert("Any", instance, random() < 0.3 ? "resolved" : "firing"),
        summary: `${instance} is ${Math.floor(random() * 2)} s behind`,
      }));
      await processes[which]?.take(SOURCE, sent);
      for (const { identity, state, summary } of sent) {
        const before = kept.get(identity);
        // What is over keeps its words.
        kept.set(identity, { state, summary: state === "resolved" ? (before?.summary ?? summary) : summary });
      }
      const { rows } = await under.pool.query(
        "select 'Any/' || (labels ->> 'instance') as identity, state, summary from alerts order by 1",
      );
      const expected = [...kept].map(([identity, is]) => ({ identity, ...is }));
      expect(rows).toEqual(expected.toSorted((a, b) => (a.identity < b.identity ? -1 : 1)));
      expect(await firing()).toBe(expected.filter(({ state }) => state === "firing").length);
    }
  });

  test("what is long over is not forgotten under the hands of a batch that says it again", async () => {
    await one.take(SOURCE, [alert("Old", "a")]);
    await one.take(SOURCE, [alert("Old", "a", "resolved")]);
    under.bot.advance(31 * 24 * 3_600_000);
    const batch = await under.pool.connect();
    try {
      await batch.query("begin");
      await lockSources(batch, [SOURCE.key]);
      const forgotten = forgetOldAlerts(under.bot.bot.app);
      await until(
        "the clean-up to wait for the batch",
        async () => (await count(under, "pg_locks where locktype = 'advisory' and not granted")) > 0,
      );
      await batch.query("update alerts set state = 'firing', ended_at = null");
      await batch.query("commit");
      await forgotten;
    } finally {
      batch.release();
    }
    expect(await count(under, "alerts where state = 'firing'")).toBe(1);
  });

  test("what is long over is forgotten, however much it is", async () => {
    await under.pool.query(
      `insert into alerts (source, fingerprint, item_fingerprint, state, severity, name, summary, description, labels, started_at, ended_at, last_seen_at)
       select 'prom', n::text, 'none', 'resolved', 'warning', '', '', '', '{}', $1, $1, $1 from generate_series(1, 25000) n`,
      [new Date(under.bot.now().getTime() - 31 * 24 * 3_600_000)],
    );
    await forgetOldAlerts(under.bot.bot.app);
    expect(await count(under, "alerts")).toBe(0);
  });

  test("what a person closed does not come back by what a source told that left the catalog", async () => {
    await one.take(SOURCE, [alert("Orphan", "a")]);
    await under.bot.follows(CATALOG);
    await under.pool.query(
      "update items set state = 'resolved', resolved_at = $1, resolved_by = 'ana' where summary like 'Orphan%'",
      [under.bot.now()],
    );
    const open = "items where state <> 'resolved' and summary like 'Orphan%'";
    under.bot.advance(25 * 3_600_000);
    await sweep(under.bot.bot.app);
    expect(await count(under, open)).toBe(0);
    await under.bot.follows(CATALOG + SOURCES);
    await sweep(under.bot.bot.app);
    expect(await count(under, open)).toBe(1);
  });

  test("what is only told is never taken for known", async () => {
    await one.take(SOURCE, [alert("Told", "a", "told")]);
    const written = await rowVersion();
    await one.take(SOURCE, [alert("Told", "a", "told")]);
    expect(await rowVersion()).not.toBe(written);
    expect(await firing()).toBe(0);
  });

  test("a request that cannot be kept costs nobody else theirs", async () => {
    const wrong = { ...alert("Wrong", "a"), severity: "dreadful" as "critical" };
    const results = await Promise.allSettled([
      one.take(SOURCE, [alert("Right", "a")]),
      one.take(SOURCE, [wrong]),
      one.take(SOURCE, [alert("Right", "b")]),
    ]);
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(await count(under, "alerts where name = 'Right'")).toBe(2);
  });

  test("text that PostgreSQL cannot keep is kept without what it cannot", async () => {
    const odd = alertOf({
      identity: "odd\u0000\ud800",
      name: "Odd\u0000",
      state: "firing",
      labels: { "a\u0000": "\ud800" },
    });
    await one.take(SOURCE, [odd]);
    expect(await count(under, "alerts where name = 'Odd'")).toBe(1);
  });

  test("when too many wait, the next one is asked to come again", async () => {
    const many = Array.from({ length: 10_000 }, (_, index) => alert("Many", `${index}`));
    const waiting = [one.take(SOURCE, many), one.take(SOURCE, many)];
    await expect(one.take(SOURCE, many)).rejects.toThrow(Unavailable);
    await Promise.all(waiting);
    await one.take(SOURCE, many.slice(0, 1));
    expect(await count(under, "alerts")).toBe(10_000);
  });
});
