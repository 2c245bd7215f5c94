import { chromium, type Browser, type Page } from "playwright-core";
import { pathOf, whyWithout } from "./real-programs.ts";

/** Debian's chromium. */

const FLAGS =
  "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";

export const whyNoBrowser = whyWithout("chromium");

export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: pathOf("chromium"), args: FLAGS.split(" ") });
}

/** The workspace's page as one person sees it, in a browser window of their own. */
export async function opensPage(browser: Browser, workspace: string, account: string, hash: string): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 } });
  const page = await context.newPage();
  page.setDefaultTimeout(120_000);
  await page.goto(`${workspace}/?as=${account}${hash}`);
  await page.locator(".page").waitFor();
  return page;
}
