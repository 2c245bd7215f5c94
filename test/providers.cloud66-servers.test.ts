import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openDesk, type Desk } from "./support/cloud66-desk.ts";

/** Servers of a stack that are rebooted, and visitors who are kept out of it. */

let desk: Desk;

beforeEach(async () => {
  desk = await openDesk();
});
afterEach(() => desk.close());

describe("a reboot", () => {
  function needs(...names: readonly string[]): void {
    for (const { name, notifications } of desk.far.stack.servers)
      notifications["restart_required"] = { value: names.includes(name), reason: "kernel", asof: "2026-11-29" };
  }
  function reboots(): readonly number[] {
    return desk.far.stack.servers.map((each) => each.reboots);
  }

  test("is of all, one after another, and says which of them need none", async () => {
    needs("Caribou", "Jackal");
    const [caribou] = desk.far.stack.servers;
    if (caribou !== undefined)
      desk.far.stack.servers.push({ ...caribou, uid: "f".repeat(32), name: "Moose", notifications: {} });
    const drawn = await desk.does("reboot");
    expect(drawn).toMatchObject({
      title: "Reboot all 3 servers of shop (web)",
      changes: { Caribou: ["running", "rebooted"], Moose: ["running", "rebooted"] },
    });
    expect(drawn.reasons.slice(0, 3)).toEqual([
      "One after another: Cloud 66 is asked for the strategy serial",
      "What runs on it is away meanwhile: Caribou (app web), Jackal (app web), Moose (app web)",
      "Without need: Moose; all servers of the stack are rebooted",
    ]);
    expect(desk.far.effects).toMatchObject([
      { what: "POST /reboot_servers.json", body: { strategy: "serial", group: "all" } },
    ]);
    expect(reboots()).toEqual([1, 1, 1]);
  });

  test("of servers that are others by now is refused, and one that fails has failed in Cloud 66's words", async () => {
    needs("Caribou", "Jackal");
    const drawn = await desk.plan("reboot");
    desk.far.stack.isJammed = true;
    const why = "stack_reboot 1002 failed: Timed out waiting for an agent";
    expect((await desk.apply(drawn)).outcome).toEqual({ kind: "failed", reason: why });
    desk.far.stack.servers.pop();
    expect((await desk.apply(drawn)).outcome).toMatchObject({
      kind: "refused",
      reason: /Its servers are others now: Caribou/,
    });
  });

  test("takes a scope of its own, and servers that can be seen; what they say may be anything", async () => {
    needs("Jackal");
    for (const each of desk.far.stack.servers)
      Object.assign(each.notifications, { odd: "text", restart_other: { value: "0" } });
    desk.as(desk.far.user("daytwo@example.com", { scopes: ["public"] }));
    expect((await desk.apply(await desk.plan("reboot"))).outcome).toMatchObject({
      reason: /This needs the scope reboot/,
    });
    desk.far.api.left = 900;
    await expect(desk.plan("reboot")).rejects.toThrow("None of its servers can be seen now.");
  });
});

describe("maintenance mode", () => {
  test("keeps visitors out until it is taken back, and is told with since when", async () => {
    const on = await desk.does("maintenance", { maintenance: "on" });
    expect(on).toMatchObject({ title: "Put shop/web into maintenance mode", risk: "high" });
    expect(await desk.sees()).toMatchObject({
      health: "ok",
      maintenance: { mode: "on", since: expect.stringMatching(/^2026-11-30T08:.*Z$/) },
    });
    expect((await desk.does("maintenance", on.undo?.arguments)).risk).toBe("low");
    expect((await desk.sees()).version).toBe(on.version);
    expect(desk.far.effects.map(({ body }) => body)).toEqual([
      { command: "maintenance_mode", value: 1 },
      { command: "maintenance_mode", value: 0 },
    ]);
  });

  test("that somebody turned on long ago is told without, and where nothing is told nothing is done", async () => {
    desk.far.stack.maintenance_mode = true;
    expect((await desk.sees()).maintenance).toEqual({ mode: "on" });
    Object.assign(desk.far.stack, { maintenance_mode: null });
    expect((await desk.sees()).maintenance).toBeUndefined();
    await expect(desk.plan("maintenance", { maintenance: "on" })).rejects.toThrow(
      "Whether shop/web is in maintenance mode cannot be seen.",
    );
  });
});
