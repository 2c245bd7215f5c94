/** The workspace's page in a real browser, with a small real Bolt app behind it. */

import { mkdtempDisposableSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, LogLevel } from "@slack/bolt";
import type { BlockAction, MessageShortcut } from "@slack/bolt";
import type { Button, InputBlock, KnownBlock, ModalView, PlainTextElement } from "@slack/types";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openBrowser, whyNoBrowser } from "./support/browser.ts";
import { openSlack } from "./support/slack.ts";
import type { Slack } from "./support/slack.ts";

const DESK = { viewport: { width: 1280, height: 800 } };
const PHONE = { viewport: { width: 375, height: 812 }, isMobile: true, hasTouch: true };

describe.skipIf(whyNoBrowser !== "")(`the page${whyNoBrowser}`, () => {
  let browser: Browser;
  let slack: Slack;
  let app: App;
  let submitted: unknown[];

  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser.close();
  });
  beforeEach(async () => {
    slack = await openSlack({ seed: { buttons: [{ label: "Draw a card", text: "/day2 card" }] } });
    submitted = [];
    app = await helloWorld(slack, submitted);
  });
  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()));
    await app.stop();
    await slack.close();
  });

  async function opens(person: string, hash = "", options: BrowserContextOptions = DESK): Promise<Page> {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    await page.goto(`${slack.url}/?as=${person}${hash}`);
    await page.locator(".page").waitFor();
    return page;
  }

  async function types(page: Page, text: string): Promise<void> {
    await page.getByRole("combobox", { name: /^Message / }).fill(text);
    await page.keyboard.press("Enter");
  }

  test("what a command answers is seen by the one who typed it, and can be put away", async () => {
    const ana = await opens("U0ANA", "#/channel/ops");
    const ben = await opens("U0BEN", "#/channel/ops");
    await types(ana, "/day2 hello @ben");
    const answer = ana.locator(".message.ephemeral");
    await answer.waitFor();
    expect(await answer.innerText()).toContain("Only visible to you");
    expect(await answer.innerText()).toContain("Hello, you said: hello @Ben Birch");
    await types(ben, "good morning");
    await ben.getByText("good morning").waitFor();
    expect(await ben.locator(".message.ephemeral").count()).toBe(0);
    await answer.getByRole("button", { name: "Dismiss" }).click();
    await answer.waitFor({ state: "detached" });
  });

  test("commands complete themselves, and Up brings back what was sent", async () => {
    const ana = await opens("U0ANA");
    const field = ana.getByRole("combobox", { name: "Message #ops" });
    await field.pressSequentially("/d");
    await ana.getByRole("option", { name: /^\/day2/ }).waitFor();
    await ana.keyboard.press("Tab");
    expect(await field.inputValue()).toBe("/day2 ");
    await field.pressSequentially("hello @be");
    await ana.getByRole("option", { name: /Ben Birch/ }).waitFor();
    await ana.keyboard.press("Enter");
    expect(await field.inputValue()).toBe("/day2 hello @ben ");
    await ana.keyboard.press("Enter");
    await ana.getByText("Hello, you said").waitFor();
    expect(await field.inputValue()).toBe("");
    await ana.keyboard.press("ArrowUp");
    expect(await field.inputValue()).toBe("/day2 hello @ben");
  });

  test("a pressed button changes the card for everybody, in place", async () => {
    const ana = await opens("U0ANA", "#/channel/ops");
    const ben = await opens("U0BEN", "#/channel/ops");
    await ana.getByRole("button", { name: "Draw a card" }).click();
    const card = ben.locator(".message", { hasText: "#151 shop" });
    await ana.getByRole("button", { name: "Take it" }).click();
    await card.getByText("Owner: @Ana Alder").waitFor();
    expect(await card.getByRole("button", { name: "Take it" }).count()).toBe(0);
    expect(await card.count()).toBe(1);
  });

  test("an overflow menu works by keyboard, and a confirmation is asked before it acts", async () => {
    const ana = await opens("U0ANA");
    await types(ana, "/day2 card");
    await ana.getByRole("button", { name: "More actions" }).and(ana.locator(".overflow")).focus();
    await ana.keyboard.press("Enter");
    await ana.getByRole("menuitem", { name: "Snooze" }).waitFor();
    await ana.keyboard.press("ArrowDown");
    await ana.keyboard.press("Enter");
    await ana.getByText("Chosen: History").waitFor();

    await ana.getByRole("button", { name: "Roll back" }).click();
    const question = ana.getByRole("dialog", { name: "Roll back shop?" });
    await question.getByRole("button", { name: "Keep it" }).click();
    await ana.getByRole("button", { name: "Roll back" }).click();
    await question.getByRole("button", { name: "Yes" }).click();
    await ana.getByText("Chosen: rollback").waitFor();
    expect(await ana.getByText("Chosen: rollback").count()).toBe(1);
  });

  test("a message has a menu with the app's shortcut, and a thread that counts replies and refuses commands", async () => {
    const ana = await opens("U0ANA", "#/channel/ops");
    const ben = await opens("U0BEN", "#/channel/ops");
    await types(ana, "the disk fills");
    const root = ana.locator(".rows .message", { hasText: "the disk fills" });
    await root.hover();
    await root.getByRole("button", { name: "More actions" }).click();
    await ana.getByRole("menuitem", { name: /Make this an item/ }).click();
    await ana.getByText("Made an item of: the disk fills").waitFor();
    await root.getByRole("link", { name: "Reply in thread" }).click();
    const thread = ana.getByRole("complementary", { name: "Thread in #ops" });
    await thread.getByRole("combobox").fill("/day2 hello");
    await ana.keyboard.press("Enter");
    await thread.getByRole("alert").getByText("/day2 is not supported in threads. Sorry!").waitFor();
    await thread.getByRole("combobox").fill("looking");
    await ana.keyboard.press("Enter");
    await thread.locator(".message", { hasText: "looking" }).waitFor();
    await ben.getByRole("link", { name: /1 reply/ }).waitFor();
    await ana.keyboard.press("Escape");
    await thread.waitFor({ state: "detached" });
    expect(await ana.locator(".message", { hasText: "looking" }).count()).toBe(0);
  });

  test("a modal is filled and sent with the keyboard alone, and errors stand under their field", async () => {
    const ana = await opens("U0ANA");
    await presses(ana, "'/day2 form", "Enter");
    const modal = ana.getByRole("dialog", { name: "Scale shop" });
    await modal.waitFor();
    await presses(ana, "'99", "Tab", "Enter", "ArrowDown", "Enter");
    await presses(ana, "Tab", "Enter", "'ben", "Enter", "Tab", "Enter", "'bil", "Enter");
    // Not as one of the choices, which stay until the app has answered to what was typed: as what was chosen.
    await modal.getByRole("combobox", { name: "Service" }).getByText("billing").waitFor();
    await presses(ana, "Tab", "'more visitors", "Tab", "ArrowDown", "Tab", "Space", "Tab", "Tab", "Enter");
    await modal.getByText("8 is the most here.").waitFor();
    expect(await modal.getByRole("textbox", { name: "How many" }).getAttribute("aria-invalid")).toBe("true");
    await presses(ana, "ControlOrMeta+a", "'4", "Enter");
    await modal.waitFor({ state: "detached" });
    expect(submitted).toMatchObject([
      { type: "number_input", value: "4" },
      { type: "static_select", selected_option: { value: "1h" } },
      { type: "users_select", selected_user: "U0BEN" },
      { type: "external_select", selected_option: { value: "billing" } },
      { type: "plain_text_input", value: "more visitors" },
      { type: "radio_buttons", selected_option: { value: "high" } },
      { type: "checkboxes", selected_options: [{ value: "tell" }] },
    ]);
    await presses(ana, "'/day2 form", "Enter");
    await modal.waitFor();
    await presses(ana, "Escape");
    await modal.waitFor({ state: "detached" });
    await presses(ana, "'back again");
    expect(await ana.getByRole("combobox", { name: "Message #ops" }).inputValue()).toBe("back again");
  });

  test("Home is drawn when it is opened and when its button is pressed, and a choice taken back stays so", async () => {
    const ana = await opens("U0ANA");
    await ana.getByRole("link", { name: "Daytwo Home" }).click();
    await ana.getByText("Owner: nobody").waitFor();
    await ana.getByRole("button", { name: "Take it" }).click();
    await ana.getByText("Owner: @Ana Alder").waitFor();
    expect(await ana.getByRole("button", { name: "Take it" }).count()).toBe(0);
    const element = { type: "users_select" as const, action_id: "who", initial_user: "U0BEN" };
    const blocks = [{ type: "input" as const, optional: true, label: plain("Who"), element }];
    await app.client.views.publish({ token: slack.botToken, user_id: "U0ANA", view: { type: "home", blocks } });
    await ana.getByRole("button", { name: "Clear Who" }).click();
    expect(await ana.getByRole("combobox", { name: /^Who/ }).textContent()).toBe("Choose one");
  });

  test("what people write is drawn as mrkdwn and never as markup", async () => {
    const ana = await opens("U0ANA");
    await types(
      ana,
      "*bold* _soft_ ~gone~ `code` #shop @ben :tada: <img src=x onerror=alert(1)> https://example.com/a_b_c",
    );
    const text = ana.locator(".message .text").last();
    const shown = "bold soft gone code #shop @Ben Birch 🎉 <img src=x onerror=alert(1)> https://example.com/a_b_c";
    await text.getByText("bold").waitFor();
    expect(await text.innerText()).toBe(shown);
    expect(await text.locator("b, i, s, code, img").allInnerTexts()).toEqual(["bold", "soft", "gone", "code"]);
    expect(await text.locator("a").last().getAttribute("href")).toBe("https://example.com/a_b_c");
    expect(await ana.evaluate('document.fonts.load("16px Twemoji", "🔴").then(({ length }) => length)')).toBe(1);
  });

  test("one acts as another person by choosing them, and sees what that person has not read", async () => {
    const page = await opens("U0ANA", "#/channel/ops");
    await types(page, "for @ben");
    await page.getByText("for @Ben Birch").waitFor();
    await page.getByRole("link", { name: "shop" }).click();
    await page.getByRole("button", { name: /Acting as Ana Alder/ }).click();
    await page.getByRole("menuitemradio", { name: /Ben Birch/ }).click();
    await page.getByRole("button", { name: /Acting as Ben Birch/ }).waitFor();
    expect(await page.title()).toBe("#shop · Acme");
    await page.getByRole("link", { name: /^ops.*unread/ }).click();
    await page.getByText("for @Ben Birch").waitFor();
    expect(await page.getByRole("link", { name: /unread/ }).count()).toBe(0);
  });

  test("a phone shows one thing at a time, and nothing hangs over the edge", async () => {
    const ana = await opens("U0ANA", "#/channel/ops", PHONE);
    await types(ana, "/day2 card");
    await ana.getByRole("button", { name: "Take it" }).waitFor();
    expect(await ana.evaluate("document.documentElement.scrollWidth")).toBe(375);
    expect(await ana.getByRole("link", { name: "shop" }).isVisible()).toBe(false);
    await ana.getByRole("button", { name: "Open the sidebar" }).click();
    await ana.getByRole("link", { name: "shop" }).click();
    await ana.getByRole("heading", { name: "shop", level: 1 }).waitFor();
    await ana.getByRole("link", { name: "shop" }).waitFor({ state: "hidden" });
  });

  test("the page says that the workspace is away, and catches up when it is back", async () => {
    using folder = mkdtempDisposableSync(join(tmpdir(), "daytwo-page-"));
    const journal = join(folder.path, "journal.jsonl");
    const first = await openSlack({ journal });
    const page = await browser.newPage();
    await page.goto(`${first.url}/?as=U0ANA#/channel/ops`);
    await page.getByRole("heading", { name: "ops", level: 1 }).waitFor();
    await first.close();
    await page.getByText("Connection lost").waitFor();
    await using second = await openSlack({ journal, port: Number(new URL(first.url).port) });
    await second.as("ben").says("while you were away", { in: "#ops" });
    await page.getByText("while you were away").waitFor();
    expect(await page.getByText("Connection lost").isVisible()).toBe(false);
  });
});

/** Presses keys; what begins with an apostrophe is typed. */
async function presses(page: Page, ...keys: string[]): Promise<void> {
  for (const key of keys) await (key.startsWith("'") ? page.keyboard.type(key.slice(1)) : page.keyboard.press(key));
}

/** The smallest app that answers to everything the page can do. */
async function helloWorld({ botToken, appToken, apiUrl }: Slack, submitted: unknown[]): Promise<App> {
  const clientOptions = { slackApiUrl: apiUrl };
  const app = new App({ token: botToken, appToken, socketMode: true, logLevel: LogLevel.ERROR, clientOptions });
  app.command("/day2", async ({ command, ack, say, client }) => {
    const isShown = command.text === "card" || command.text === "form";
    await ack(isShown ? undefined : `Hello, you said: ${command.text}`);
    if (command.text === "card") await say({ text: "#151 shop", blocks: card(null) });
    if (command.text === "form") await client.views.open({ trigger_id: command.trigger_id, view: FORM });
  });
  app.action<BlockAction>("take", async ({ ack, body: { user, container, channel }, client }) => {
    await ack();
    const blocks = card(user.id);
    if (channel === undefined) await client.views.publish({ user_id: user.id, view: { type: "home", blocks } });
    else await client.chat.update({ channel: channel.id, ts: container["message_ts"], text: "#151 shop", blocks });
  });
  app.action(/more|rollback/, async ({ ack, action, respond }) => {
    await ack();
    const chosen = action.type === "overflow" ? action.selected_option.value : "rollback";
    await respond({ text: `Chosen: ${chosen}`, replace_original: false });
  });
  app.options("s", async ({ ack, options }) => {
    const found = ["shop", "billing"].filter((name) => name.includes(options.value));
    await ack({ options: found.map((name) => option(name)) });
  });
  app.view("scale", async ({ ack, view }) => {
    const values = Object.values(view.state.values).flatMap((block) => Object.values(block));
    if (values[0]?.value === "99") return ack({ response_action: "errors", errors: { amount: "8 is the most here." } });
    submitted.push(...values);
    return ack();
  });
  app.event("app_home_opened", async ({ event, client }) => {
    await client.views.publish({ user_id: event.user, view: { type: "home", blocks: card(null) } });
  });
  app.shortcut<MessageShortcut>("item_from_message", async ({ ack, shortcut, respond }) => {
    await ack();
    await respond(`Made an item of: ${shortcut.message.text}`);
  });
  await app.start();
  return app;
}

function plain(text: string): PlainTextElement {
  return { type: "plain_text", text };
}

function option(value: string): { text: PlainTextElement; value: string } {
  return { text: plain(value), value };
}

function card(owner: string | null): KnownBlock[] {
  const text = `*#151 shop* fails\nOwner: ${owner === null ? "nobody" : `<@${owner}>`}`;
  const options = [option("Snooze"), option("History")];
  const words = { title: plain("Roll back shop?"), text: plain("To v141.") };
  const confirm = { ...words, confirm: plain("Yes"), deny: plain("Keep it") };
  const take: Button[] = owner === null ? [{ type: "button", action_id: "take", text: plain("Take it") }] : [];
  const rollback: Button = { type: "button", action_id: "rollback", text: plain("Roll back"), confirm };
  return [
    { type: "section", text: { type: "mrkdwn", text }, accessory: { type: "overflow", action_id: "more", options } },
    { type: "actions", elements: [...take, rollback] },
  ];
}

function input(block_id: string, label: string, element: InputBlock["element"]): InputBlock {
  return { type: "input", block_id, label: plain(label), element };
}

const FORM: ModalView = {
  type: "modal",
  callback_id: "scale",
  title: plain("Scale shop"),
  submit: plain("Ask for it"),
  blocks: [
    input("amount", "How many", { type: "number_input", action_id: "n", is_decimal_allowed: false }),
    input("time", "For how long", { type: "static_select", action_id: "d", options: [option("10m"), option("1h")] }),
    input("owner", "Owner", { type: "users_select", action_id: "u" }),
    input("service", "Service", { type: "external_select", action_id: "s", min_query_length: 1 }),
    input("reason", "Reason", { type: "plain_text_input", action_id: "r" }),
    input("risk", "Risk", { type: "radio_buttons", action_id: "k", options: [option("low"), option("high")] }),
    input("also", "Also", { type: "checkboxes", action_id: "c", options: [option("tell")] }),
  ],
};
