import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openBrowser, opensPage, whyNoBrowser } from "../support/browser.ts";
import { startProcess, type BotProcess } from "../support/process.ts";
import { makeHome } from "../support/home.ts";

/**
 * The demo as a newcomer meets it: started by its one command with nothing configured, in a real browser, with everything
 * happening for real. With PICTURES set to a folder it takes the README's pictures on the way.
 */
describe.skipIf(whyNoBrowser !== "")(`the demo in a browser${whyNoBrowser}`, () => {
  let home: string;
  let daytwo: BotProcess;
  let browser: Browser;
  let workspace: string;
  let ana: Page;
  let ben: Page;

  beforeAll(async () => {
    home = await makeHome("demo");
    daytwo = startProcess({ DAYTWO_HOME: home, DAYTWO_WORKSPACE_PORT: "0" });
    browser = await openBrowser();
    await daytwo.ready();
    workspace = /Open (http:\S+)/.exec(daytwo.written())?.[1] ?? "";
    ana = await opensPage(browser, workspace, "U0ANA", "#/channel/shop");
    ben = await opensPage(browser, workspace, "U0BEN", "#/channel/shop");
  });
  afterAll(async () => {
    await browser.close();
    daytwo.kill("SIGKILL");
    await rm(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
  });

  function card(page: Page, about: string | RegExp): Locator {
    return page.locator(".message").filter({ hasText: about }).first();
  }

  async function types(page: Page, text: string): Promise<void> {
    await page.getByRole("combobox", { name: /^Message / }).fill(text);
    await page.keyboard.press("Enter");
  }

  /** A machine that is busy with more than us may miss Slack's three seconds. Then people see that it did not work, and do it once more. */
  async function sees(effect: Locator, deed: () => Promise<void>): Promise<void> {
    for (let again = 4; again > 0; again -= 1) {
      await deed();
      const shown = await effect.waitFor({ timeout: 20_000 }).then(
        () => true,
        () => false,
      );
      if (shown) return;
    }
    await effect.waitFor();
  }

  async function presses(button: Locator): Promise<void> {
    if (await button.isVisible()) await button.click();
  }

  async function picture(page: Page, name: string): Promise<void> {
    const folder = process.env["PICTURES"];
    if (folder !== undefined) await page.screenshot({ path: join(folder, `${name}.png`) });
  }

  test("the first thing that a newcomer sees is the tour", async () => {
    const newcomer = await opensPage(browser, workspace, "U0ANA", "");
    const tour = newcomer.locator(".message").first();
    await tour.getByText("A tour of the demo").waitFor();
    for (const help of ["Take one", "Renew it…", "Roll it out", "Show it"])
      expect(await tour.getByRole("button", { name: help }).count()).toBe(1);
    await sees(tour.getByText("The digest was read"), () => presses(tour.getByRole("button", { name: "Show it" })));
    await newcomer.locator(".message.ephemeral", { hasText: "Ownership on" }).waitFor();
    await tour.scrollIntoViewIfNeeded();
    await picture(newcomer, "tour");
    await newcomer.close();
  });

  test("the certificate is taken and renewed", async () => {
    const takeIt = card(ana, "certificate expires").getByRole("button", { name: "Take it" });
    await takeIt.waitFor();
    await sees(card(ben, "certificate expires").getByText("took it"), () => presses(takeIt));
    await sees(card(ben, "certificate expires").getByText("op-1"), () => types(ana, "/day2 renew-cert shop"));
    await card(ben, "certificate expires").getByText("Resolved").waitFor();
    expect(await card(ben, "certificate expires").innerText()).toMatch(/op-1 Renew the certificate of .* · done/);
  });

  test("a bad release is noticed, and rolled back when the approver says so", async () => {
    await sees(ana.getByText("Dana rolls out v142").first(), () =>
      ana.getByRole("button", { name: "Roll out a bad release" }).click(),
    );
    const item = card(ana, /of requests fail/);
    await item.getByText("Just before: release v142 by Dana").waitFor();
    await sees(item.getByText("took it"), () => presses(item.getByRole("button", { name: "Take it" })));
    await sees(ana.getByRole("dialog"), () => item.getByRole("button", { name: "Roll back to v141…" }).click());
    await ana.getByRole("dialog").getByRole("button", { name: "Draw the plan" }).click();
    await item.getByText(/waits for approval/).waitFor();
    await picture(ana, "workspace");

    await ben
      .getByRole("link", { name: /^Daytwo(?! Home)/ })
      .first()
      .click();
    const request = card(ben, "v142 → v141");
    await request.getByRole("button", { name: "Approve" }).waitFor();
    await picture(ben, "approval");
    await request.getByRole("button", { name: "Approve" }).click();
    await ben.getByRole("dialog").getByRole("button").last().click();
    await item.getByText("Resolved").waitFor();
    await request.getByText("Done").waitFor();
    expect(await request.getByRole("button", { name: "Approve" }).count()).toBe(0);
  });

  test("a size for a while is applied at once, and what takes it back is an owned item", async () => {
    await types(ana, "/day2 scale shop web=4 for 10m");
    await card(ana, "web 4 → 2 goes back by itself").getByText("Owner: @Ana").waitFor();
    const status = ana.locator(".message.ephemeral", { hasText: "web 4 of 4" }).last();
    await sees(status, () => types(ana, "/day2 status shop"));
    expect(await status.innerText()).toContain("release v141");
  });

  test("the digest can be read before it is due", async () => {
    const digest = ana.locator(".message.ephemeral", { hasText: "Ownership on" }).last();
    await sees(digest, () => types(ana, "/day2 digest"));
    expect(await digest.innerText()).toMatch(/Nobody's \(1\)[^]*Reports|reports[^]*Done by Daytwo alone[^]*Coming up/);
    await picture(ana, "digest");
  });

  test("Home shows what is nobody's", async () => {
    await ana.getByRole("link", { name: "Daytwo Home" }).click();
    // The answer with the digest, which says it twice, is on the page until Home is.
    await ana.locator(".home").getByText("nobody owns anything here").waitFor();
    expect(await ana.getByRole("button", { name: "Take it" }).count()).toBeGreaterThan(0);
    await picture(ana, "home");
  });

  test("a second start says where the first one is, and the first one ends cleanly", async () => {
    const second = startProcess({ DAYTWO_HOME: home, DAYTWO_WORKSPACE_PORT: "0" });
    expect(await second.ended()).toBe(0);
    expect(second.written()).toContain(`Open ${workspace}`);
    daytwo.kill("SIGTERM");
    expect(await daytwo.ended()).toBe(0);
    await expect(fetch(workspace)).rejects.toThrow("fetch failed");
  });
});
