import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { section, startHelloApp } from "./support/hello-app.ts";
import { openSlack } from "./support/slack.ts";
import type { Slack } from "./support/slack.ts";
import { client, refusal } from "./support/web-client.ts";

describe.each(["socket", "http"] as const)("an app over %s", (transport) => {
  test("answers a command to one person only", async () => {
    await using started = await startHelloApp(transport);
    const { slack } = started;
    const ana = slack.as("ana");
    const typed = await ana.types("/day2 hi @ben in #shop, see https://acme.example/x & more", { in: "#ops" });
    expect(typed.ok).toBe(true);
    expect(typed.whispers[0]?.text).toBe(
      "you said: hi <@U0BEN|ben> in <#C0SHOP|shop>, see <https://acme.example/x> &amp; more",
    );
    expect(typed.whispers[0]?.plain).toBe("you said: hi @ben in #shop, see https://acme.example/x & more");
    expect(await slack.as("ben").whispers("#ops")).toEqual([]);
  });

  test("posts a card, changes it at a click, and everybody sees the change", async () => {
    await using started = await startHelloApp(transport);
    const { slack } = started;
    await slack.as("ana").types("/day2 card", { in: "#ops" });
    const card = await slack.as("ben").waitsFor("#ops", (message) => message.buttons.includes("Take it"));
    expect(card.plain).toBe("shop is down");
    expect(await slack.as("ben").clicks(card, "Take it")).toEqual({ ok: true });
    const taken = await slack.as("gus").waitsFor("#ops", (message) => message.plain === "@ben has it");
    expect(taken.ts).toBe(card.ts);
    await expect(slack.as("ana").clicks(card, "Take it")).rejects.toThrow('There is no "Take it" to press');
  });

  test("opens a modal, finds a mistake in it, takes it, and hears of one that was closed", async () => {
    await using started = await startHelloApp(transport);
    const { slack, heard } = started;
    const ana = slack.as("ana");
    await ana.types("/day2 form", { in: "#ops" });
    const empty = await ana.modal("Hand off");
    expect(await empty.submits()).toEqual({ ok: false, errors: { why: "Please complete this required field." } });
    const wrong = await empty.fills({ Why: "no", Who: "U0BEN" });
    expect(await wrong.submits()).toEqual({ ok: false, errors: { why: "Say more." } });
    const right = await wrong.fills({ Why: "I am on a train", "How sure": "Quite", "Which service": "shop" });
    expect(await right.submits()).toEqual({ ok: true });
    expect(heard).toContainEqual(["submitted", "I am on a train", "U0BEN", "quite", "svc-shop"]);
    expect(await ana.modals()).toEqual([]);
    await ana.types("/day2 form", { in: "#ops" });
    await (await ana.modal()).closes();
    expect(heard).toContainEqual(["closed", "hand_off"]);
  });

  test("draws the Home tab, and hears mentions in a thread", async () => {
    await using started = await startHelloApp(transport);
    const { slack } = started;
    const ana = slack.as("ana");
    expect((await ana.home()).plain).toBe("Hello @ana");
    const root = await ana.says("the shop is slow", { in: "#ops" });
    await ana.says("@daytwo rollback", { in: "#ops", thread: root.ts ?? "" });
    const reply = await ana.waitsFor("#ops", (message) => message.text.startsWith("heard"), { thread: root.ts ?? "" });
    expect(reply).toMatchObject({ text: "heard <@U0DAYTWO> rollback", threadTs: root.ts });
    const [seen] = await ana.sees("#ops");
    expect(seen).toMatchObject({ text: "the shop is slow", replies: 2 });
    expect(await ana.sees("#ops")).toHaveLength(1);
  });

  test("turns a message into an item through the message shortcut", async () => {
    await using started = await startHelloApp(transport);
    const { slack, heard } = started;
    const said = await slack.as("ben").says("disk is full", { in: "#ops" });
    const ana = slack.as("ana");
    const message = await ana.waitsFor("#ops", (one) => one.ts === said.ts);
    expect(await ana.uses("Make this an item", message)).toEqual({ ok: true });
    expect(heard).toEqual([["shortcut", "disk is full"]]);
  });

  test("that does not acknowledge lets the person see what Slack says", async () => {
    await using started = await startHelloApp(transport);
    const { slack } = started;
    const typed = await slack.as("ana").types("/day2 sleep", { in: "#ops" });
    expect(typed).toMatchObject({ ok: false, error: '/day2 failed with the error "operation_timeout"' });
    expect(typed.whispers.map((one) => one.text)).toEqual(['/day2 failed with the error "operation_timeout"']);
  });

  test("gets an event again when it was not acknowledged: at once, after one minute and after five", async () => {
    await using started = await startHelloApp(transport);
    const { slack } = started;
    await slack.setClock(new Date("2026-03-02T10:00:00Z"));
    await started.stop();
    await slack.as("ana").says("@daytwo hello", { in: "#ops" });
    await vi.waitFor(async () => expect(await retries(slack)).toEqual([null, 1]));
    await slack.advance(59_000);
    expect(await retries(slack)).toEqual([null, 1]);
    await slack.advance(1_000);
    await vi.waitFor(async () => expect(await retries(slack)).toEqual([null, 1, 2]));
    await slack.advance(300_000);
    await vi.waitFor(async () => expect(await retries(slack)).toEqual([null, 1, 2, 3]));
    const { deliveries } = await slack.deliveries();
    expect(new Set(deliveries.map((one) => one.payload["event_id"])).size).toBe(1);
  });
});

describe("what the workspace refuses a person", () => {
  test("a slash command in a thread, an unknown one, and one while no app is there", async () => {
    await using slack = await openSlack();
    const ana = slack.as("ana");
    const root = await ana.says("look at this", { in: "#shop" });
    expect(await ana.types("/day2 ack", { in: "#shop", thread: root.ts ?? "" })).toMatchObject({
      ok: false,
      error: "/day2 is not supported in threads. Sorry!",
    });
    expect((await ana.types("/nope")).error).toMatch(/^\/nope is not a valid command/);
    expect((await ana.types("/day2")).error).toBe('/day2 failed with the error "dispatch_failed"');
    expect(await slack.as("ben").whispers("#ops")).toEqual([]);
  });

  test("what is in a channel that they were not added to, and everything once their account is gone", async () => {
    await using slack = await openSlack({ seed: { channels: [{ name: "ops", members: ["U0ANA"] }] } });
    await expect(slack.as("gus").sees("#ops")).rejects.toThrow('There is no channel "#ops" that Gus Grove can see.');
    expect(await slack.as("ben").sees("#ops")).toEqual([]);
    await slack.person({ id: "U0ANA", kind: "deactivated" });
    await expect(slack.as("ana").says("still here?")).rejects.toThrow("The account of Ana Alder is deactivated.");
  });

  test("a page of another origin, and a name that was rebound to this machine", async () => {
    await using slack = await openSlack();
    const strange = await fetch(`${slack.url}/client/boot`, { headers: { origin: "https://evil.example" } });
    expect(strange.status).toBe(403);
    const { request } = await import("node:http");
    const rebound = await new Promise<number | undefined>((resolve, reject) => {
      request(`${slack.url}/client/boot`, { headers: { host: "evil.example" } }, (answer) => resolve(answer.statusCode))
        .on("error", reject)
        .end();
    });
    expect(rebound).toBe(403);
  });
});

describe("on order", () => {
  test("a call is stored and its answer lost, refused, or never answered", async () => {
    await using slack = await openSlack();
    const web = client(slack);
    await slack.fault({ method: "chat.postMessage", mode: "store_then_drop" });
    await expect(web.chat.postMessage({ channel: "C0OPS", text: "lost answer" })).rejects.toMatchObject({
      name: "WebAPIRequestError",
    });
    await slack.fault({ method: "chat.postMessage", mode: "store_then_503" });
    await expect(web.chat.postMessage({ channel: "C0SHOP", text: "lost too" })).rejects.toMatchObject({
      statusCode: 503,
    });
    await slack.fault({ method: "chat.postMessage", error: "fatal_error" });
    expect(await refusal(web.chat.postMessage({ channel: "C0SHOP", text: "x" }))).toMatchObject({
      error: "fatal_error",
    });
    await slack.fault({ method: "auth.test", status: 429, retry_after: 7 });
    await expect(web.auth.test()).rejects.toMatchObject({ retryAfter: 7 });
    await slack.fault({ method: "auth.test", mode: "hang" });
    await expect(client(slack, slack.botToken, 200).auth.test()).rejects.toMatchObject({ name: "WebAPIRequestError" });
    expect((await slack.as("ana").sees("#ops")).map((one) => one.text)).toEqual(["lost answer"]);
    expect((await slack.as("ana").sees("#shop")).map((one) => one.text)).toEqual(["lost too"]);
  });

  test("sockets are told to go and come back, and what is typed then still arrives", async () => {
    await using started = await startHelloApp("socket");
    const { slack } = started;
    expect(await slack.disconnect("refresh_requested")).toBe(1);
    await vi.waitFor(async () => expect((await slack.deliveries()).connected).toBe(1), { timeout: 10_000 });
    expect((await slack.as("ana").types("/day2 again")).whispers.map((one) => one.text)).toEqual(["you said: again"]);
  });

  test("a delivery is repeated under the same ids, and a forged one is refused by the app", async () => {
    await using started = await startHelloApp("http");
    const { slack, triggers } = started;
    await slack.as("ana").types("/day2 trigger");
    const [delivery] = (await slack.deliveries()).deliveries;
    expect(await slack.replay(delivery?.id ?? "")).toMatchObject({ acked: true });
    expect(triggers[0]).toBe(triggers[1]);
    const forged = await slack.deliverRaw("{}", { "content-type": "application/json", "x-slack-signature": "v0=00" });
    expect(forged).toEqual({ acked: false, reason: "http_error", status: 401 });
  });
});

test("messages, threads and the Home tab survive a restart; ephemerals do not", async () => {
  const folder = mkdtempSync(join(tmpdir(), "workspace-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const journal = join(folder, "workspace.jsonl");
  const root = await openSlack({ journal }).then(async (slack) => {
    const bot = client(slack);
    const { ts = "" } = await bot.chat.postMessage({ channel: "C0OPS", text: "first" });
    await bot.chat.update({ channel: "C0OPS", ts, text: "changed" });
    await slack.as("ana").says("a reply", { in: "#ops", thread: ts });
    await slack.as("ana").says("between us", { in: "@ben" });
    const gone = await bot.chat.postMessage({ channel: "C0SHOP", text: "gone" });
    await bot.chat.delete({ channel: "C0SHOP", ts: gone.ts ?? "" });
    await bot.chat.postEphemeral({ channel: "C0OPS", user: "U0ANA", text: "psst" });
    await bot.views.publish({ user_id: "U0ANA", view: { type: "home", blocks: [section("home")] } });
    await slack.close();
    return ts;
  });
  await using slack = await openSlack({ journal });
  const ana = slack.as("ana");
  expect((await ana.sees("#ops")).map((one) => [one.ts, one.text, one.replies])).toEqual([[root, "changed", 1]]);
  expect(await ana.sees("#shop")).toEqual([]);
  expect(await ana.whispers("#ops")).toEqual([]);
  expect((await slack.as("ben").sees("@ana")).map((one) => one.text)).toEqual(["between us"]);
  expect((await ana.homeNow())?.plain).toBe("home");
  const after = await ana.says("newer", { in: "#ops" });
  expect(Number(after.ts)).toBeGreaterThan(Number(root));
});

async function retries(slack: Slack): Promise<(number | null)[]> {
  const { deliveries } = await slack.deliveries();
  return deliveries.map((one) => one.retry?.num ?? null);
}
