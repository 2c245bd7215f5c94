import { chromium, type Browser, type Page } from "playwright-core";
import { pathOf, whyWithout } from "./real-programs.ts";

/** Debian's chromium. */

const FLAGS =
  "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";

/** Of these the last list counts. What the first three draw are the address bar's lists, anew for every window: half of all that a browser costs here. */
const WITHOUT =
  "WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup,AimEnabled,AvoidUnnecessaryBeforeUnloadCheckSync,HttpsFirstBalancedModeAutoEnable,HttpsUpgrades,MediaRouter,NetworkTimeServiceQuerying,OptimizationHints,PaintHolding,PreconnectToSearch";

export const whyNoBrowser = whyWithout("chromium");

export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: pathOf("chromium"),
    args: [...FLAGS.split(" "), `--disable-features=${WITHOUT}`],
  });
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
