import { describe, expect, test } from "vitest";
import { buttons, modal, section, startHelloApp } from "./support/hello-app.ts";
import { MANIFEST, openSlack } from "./support/slack.ts";
import { client, refusal, respondTo } from "./support/web-client.ts";

describe("the Web API", () => {
  test("grants what the manifest asks for and names the scope that is missing", async () => {
    const scopes = MANIFEST.oauth_config?.scopes;
    await using slack = await openSlack();
    const web = client(slack);
    expect(await web.auth.test()).toMatchObject({
      ok: true,
      team_id: "T0LOCAL",
      user_id: "U0DAYTWO",
      bot_id: "B0DAYTWO",
    });
    expect(await refusal(web.conversations.history({ channel: "C0OPS" }))).toMatchObject({
      error: "missing_scope",
      needed: "channels:history",
      provided: [...(scopes?.bot ?? []), ...(scopes?.bot_optional ?? [])].join(","),
    });
    expect(await refusal(client(slack, "xoxb-wrong").auth.test())).toMatchObject({ error: "invalid_auth" });
    expect(await refusal(client(slack, slack.appToken).auth.test())).toMatchObject({ error: "not_allowed_token_type" });
    expect(await refusal(web.apiCall("no.such"))).toMatchObject({ error: "unknown_method" });
  });

  test("takes one message a second in a channel, by its own clock", async () => {
    await using slack = await openSlack();
    await slack.setClock(new Date("2026-03-02T10:00:00Z"));
    const web = client(slack);
    await web.chat.postMessage({ channel: "#ops", text: "one" });
    await expect(web.chat.postMessage({ channel: "C0OPS", text: "two" })).rejects.toMatchObject({ retryAfter: 1 });
    await web.chat.postMessage({ channel: "#shop", text: "elsewhere" });
    await slack.advance(1000);
    const { ts } = await web.chat.postMessage({ channel: "C0OPS", text: "two" });
    for (let round = 0; round < 50; round += 1)
      await web.chat.update({ channel: "C0OPS", ts: ts ?? "", text: `${round}` });
    await expect(web.chat.update({ channel: "C0OPS", ts: ts ?? "", text: "51" })).rejects.toMatchObject({
      retryAfter: 60,
    });
    const calls = await slack.calls("chat.postMessage");
    expect(calls.map(({ channel, status }) => [channel, status])).toEqual([
      ["#ops", 200],
      ["C0OPS", 429],
      ["#shop", 200],
      ["C0OPS", 200],
    ]);
  });

  test.each([
    ["an unknown type", [{ type: "hologram" }], "unsupported type: hologram [json-pointer:/blocks/0/type]"],
    ["an empty text", [section("")], "must be more than 0 characters [json-pointer:/blocks/0/text/text]"],
    [
      "a long text",
      [section("x".repeat(3001))],
      "must be less than 3001 characters [json-pointer:/blocks/0/text/text]",
    ],
    [
      "a long label",
      [buttons("x".repeat(76))],
      "must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]",
    ],
    [
      "51 blocks",
      Array.from({ length: 51 }, () => ({ type: "divider" })),
      "no more than 50 items allowed [max: 50] [json-pointer:/blocks]",
    ],
    [
      "a property Slack does not know",
      [{ type: "divider", colour: "red" }],
      "invalid additional property: colour [json-pointer:/blocks/0]",
    ],
    [
      "a modal's block",
      [{ type: "alert", text: { type: "mrkdwn", text: "no" } }],
      "unsupported type: alert is not allowed in a message [json-pointer:/blocks/0/type]",
    ],
    ["the same action twice", [buttons("a", "b")], '`action_id` "press" already exists [json-pointer:/blocks/0]'],
    [
      "the same block twice",
      [
        { type: "divider", block_id: "d" },
        { type: "divider", block_id: "d" },
      ],
      '`block_id` "d" already exists [json-pointer:/blocks/1]',
    ],
  ])("refuses blocks with %s, and says where", async (_name, blocks, reason) => {
    await using slack = await openSlack();
    const refused = await refusal(client(slack).apiCall("chat.postMessage", { channel: "C0OPS", text: "x", blocks }));
    expect(refused).toMatchObject({ error: "invalid_blocks", response_metadata: { messages: [`[ERROR] ${reason}`] } });
  });

  test("refuses what Slack refuses about channels, threads and messages of others", async () => {
    await using slack = await openSlack();
    const web = client(slack);
    const said = await slack.as("ana").says("mine", { in: "#ops" });
    const ts = said.ts ?? "";
    expect(await refusal(web.chat.postMessage({ channel: "#none", text: "x" }))).toMatchObject({
      error: "channel_not_found",
    });
    expect(await refusal(web.chat.postMessage({ channel: "C0OPS", text: "" }))).toMatchObject({ error: "no_text" });
    expect(await refusal(web.chat.postMessage({ channel: "C0OPS", text: "x", thread_ts: "1.1" }))).toMatchObject({
      error: "thread_not_found",
    });
    expect(await refusal(web.chat.update({ channel: "C0OPS", ts, text: "x" }))).toMatchObject({
      error: "cant_update_message",
    });
    expect(await refusal(web.chat.update({ channel: "C0OPS", ts: "1.1", text: "x" }))).toMatchObject({
      error: "message_not_found",
    });
    expect(await refusal(web.chat.delete({ channel: "C0OPS", ts }))).toMatchObject({ error: "cant_delete_message" });
    await slack.channel({ channel: "C0SHOP", members: ["U0BEN", "U0DAYTWO"] });
    expect(await refusal(web.chat.postEphemeral({ channel: "C0SHOP", user: "U0ANA", text: "x" }))).toMatchObject({
      error: "user_not_in_channel",
    });
    await slack.channel({ channel: "C0OPS", archived: true });
    expect(await refusal(web.chat.postMessage({ channel: "C0OPS", text: "x" }))).toMatchObject({
      error: "is_archived",
    });
    expect(await refusal(web.views.open({ trigger_id: "none", view: modal() }))).toMatchObject({
      error: "invalid_trigger_id",
    });
  });

  test("keeps metadata, drops blocks when text alone comes, and leaves a tombstone above replies", async () => {
    await using slack = await openSlack();
    const web = client(slack);
    const metadata = { event_type: "posting", event_payload: { id: "42" } };
    const { ts = "" } = await web.chat.postMessage({
      channel: "C0OPS",
      text: "card",
      blocks: [section("card")],
      metadata,
    });
    await slack.as("ana").says("in the thread", { in: "#ops", thread: ts });
    await web.chat.update({ channel: "C0OPS", ts, text: "plain now" });
    const [plain] = await slack.as("ana").sees("#ops");
    expect(plain).toMatchObject({ plain: "plain now", raw: { metadata } });
    expect(plain?.raw["blocks"]).toBeUndefined();
    await web.chat.delete({ channel: "C0OPS", ts });
    expect((await slack.as("ana").sees("#ops"))[0]).toMatchObject({ replies: 1, raw: { subtype: "tombstone" } });
  });

  test("tells apart members, guests, strangers, bots and leavers", async () => {
    await using slack = await openSlack();
    await slack.person({ id: "U0EVE", name: "eve", kind: "external" });
    await slack.person({ id: "U0RAE", kind: "deactivated" });
    const web = client(slack);
    async function flags(user: string) {
      return (await web.users.info({ user })).user;
    }
    expect(await flags("U0ANA")).toMatchObject({
      is_restricted: false,
      is_stranger: false,
      deleted: false,
      tz: "Europe/Paris",
    });
    expect(await flags("U0GUS")).toMatchObject({ is_restricted: true });
    expect(await flags("U0EVE")).toMatchObject({ is_stranger: true, team_id: "T0ELSEWHERE" });
    expect(await flags("U0RAE")).toMatchObject({ deleted: true });
    const status = { text: "Vacationing", emoji: ":palm_tree:", expiration: 2_000_000_000 };
    await slack.person({ id: "U0BEN", status });
    expect((await flags("U0BEN"))?.profile).toMatchObject({
      status_text: "Vacationing",
      status_emoji: ":palm_tree:",
      status_expiration: 2_000_000_000,
    });
    await slack.person({ id: "U0BEN", status: { ...status, expiration: 1_000_000_000 } });
    expect((await flags("U0BEN"))?.profile).toMatchObject({ status_text: "", status_emoji: "", status_expiration: 0 });
    expect(await flags("U0DAYTWO")).toMatchObject({ is_bot: true });
    expect(await refusal(web.users.info({ user: "U0NONE" }))).toMatchObject({ error: "user_not_found" });
    const groups = await web.usergroups.list({ include_users: true });
    expect(groups.usergroups?.[0]).toMatchObject({ handle: "team-web", users: ["U0ANA", "U0BEN"] });
  });

  test("takes an upload in three steps and shows it in the thread", async () => {
    await using slack = await openSlack();
    const web = client(slack);
    const { ts = "" } = await web.chat.postMessage({ channel: "C0OPS", text: "a chart follows" });
    const file = Buffer.from("not really a picture");
    await web.filesUploadV2({ channel_id: "C0OPS", thread_ts: ts, filename: "load.png", file, title: "Load" });
    const reply = (await slack.as("ana").sees("#ops", ts))[1];
    expect(reply?.raw["files"]).toMatchObject([{ name: "load.png", title: "Load", mimetype: "image/png" }]);
    const [shown] = (reply?.raw["files"] ?? []) as { url_private: string }[];
    expect(await (await fetch(shown?.url_private ?? "")).text()).toBe("not really a picture");
  });
});

describe("what lives only for a while", () => {
  test("a trigger is good once and for three seconds", async () => {
    await using started = await startHelloApp("socket");
    const { slack, triggers } = started;
    await slack.setClock(new Date("2026-03-02T10:00:00Z"));
    const ana = slack.as("ana");
    await ana.types("/day2 trigger");
    await ana.types("/day2 trigger");
    const [first = "", second = ""] = triggers;
    const web = client(slack);
    await web.views.open({ trigger_id: first, view: modal() });
    expect(await refusal(web.views.open({ trigger_id: first, view: modal() }))).toMatchObject({
      error: "exchanged_trigger_id",
    });
    await slack.advance(3001);
    expect(await refusal(web.views.open({ trigger_id: second, view: modal() }))).toMatchObject({
      error: "expired_trigger_id",
    });
  });

  test("a modal stacks three high, and a stale hash loses", async () => {
    await using started = await startHelloApp("socket");
    const { slack, triggers } = started;
    const ana = slack.as("ana");
    for (let count = 0; count < 4; count += 1) await ana.types("/day2 trigger");
    const [first = "", second = "", third = "", fourth = ""] = triggers;
    const web = client(slack);
    const { view } = await web.views.open({ trigger_id: first, view: modal("One") });
    await web.views.push({ trigger_id: second, view: modal("Two") });
    await web.views.push({ trigger_id: third, view: modal("Three") });
    expect(await refusal(web.views.push({ trigger_id: fourth, view: modal("Four") }))).toMatchObject({
      error: "push_limit_reached",
    });
    expect(await ana.modals()).toEqual(["One", "Two", "Three"]);
    const at = { view_id: view?.id ?? "", hash: view?.hash ?? "" };
    await web.views.update({ ...at, view: modal("One again") });
    expect(await refusal(web.views.update({ ...at, view: modal() }))).toMatchObject({ error: "hash_conflict" });
  });

  test("a response_url is good five times within thirty minutes", async () => {
    await using started = await startHelloApp("socket");
    const { slack, responseUrls } = started;
    await slack.setClock(new Date("2026-03-02T10:00:00Z"));
    await slack.as("ana").types("/day2 trigger");
    await slack.as("ana").types("/day2 trigger");
    const [first = "", second = ""] = responseUrls;
    for (let use = 1; use <= 5; use += 1) expect(await respondTo(first, { text: `${use}` })).toBe(200);
    expect(await respondTo(first, { text: "6" })).toBe(404);
    expect((await slack.as("ana").whispers("#ops")).map((one) => one.text)).toEqual(["1", "2", "3", "4", "5"]);
    await slack.advance(30 * 60_000 + 1);
    expect(await respondTo(second, { text: "late" })).toBe(404);
    await slack.as("ana").types("/day2 trigger");
    expect(await respondTo(responseUrls.at(-1) ?? "", { text: "x", blocks: [{ type: "hologram" }] })).toBe(400);
  });

  test("an ephemeral is replaced and removed by its own response_url, and its content is sent to nobody", async () => {
    await using started = await startHelloApp("socket");
    const { slack, responseUrls, heard } = started;
    const ana = slack.as("ana");
    const asked = await ana.asks("/day2 whisper", { in: "#ops" });
    await ana.clicks(asked, "Sure");
    await ana.waitsFor("#ops", (one) => one.ts === asked.ts && one.plain === "Done");
    expect(heard).toEqual([["clicked", true, undefined]]);
    expect(await respondTo(responseUrls.at(-1) ?? "", { delete_original: true })).toBe(200);
    expect(await ana.whispers("#ops")).toEqual([]);
  });
});
