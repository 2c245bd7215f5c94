import { subDays, subHours } from "../domain/time.ts";
import type { App } from "../app.ts";
import type { Change } from "../caller.ts";
import { checkNamed } from "../checks/index.ts";
import type { CheckSpec } from "../domain/catalog.ts";
import type { EventLine } from "../domain/board/event-line.ts";
import { tell } from "../items/shown.ts";
import { drawPng } from "./png.ts";
import { isLacking, SlackRefused, SlackSilent } from "../slack-client.ts";
import type { Message } from "../slack/blocks.ts";
import { chartMessage, chartSvg, chartWords, type Chart } from "../slack/chart.ts";
import type { StoredItem } from "../store/items.ts";
import { countReadings, forgetReadings, keepPicture, pictureOf, readingsOf } from "../store/readings.ts";

/** A check's last day, drawn in the thread of the item that it opened: once for each time that it became critical. */

/** A picture may be late by a little. */
const KEPT = 26; // hours

/** Fewer readings are no day to look at. */
const ENOUGH = 6;

/** How often a reading is kept says src/store/checks.ts; whether, whether the check measures something that has a unit. */
export function isMeasured({ check }: CheckSpec): boolean {
  return checkNamed(check)?.unit !== undefined;
}

export async function wantPicture(change: Change, item: StoredItem, spec: CheckSpec): Promise<void> {
  if (!isMeasured(spec)) return;
  const kept = await countReadings(change.db, spec.key, { from: subDays(change.now, 1), to: change.now });
  if (kept >= ENOUGH)
    await tell(change, item, "item.pictured", { check: spec.key, kind: spec.check, until: change.now.toISOString() });
}

/** Null where nothing is known of that day any more. */
export async function picture(app: App, { id, detail }: EventLine): Promise<Message | null> {
  const unit = checkNamed(String(detail["kind"]))?.unit;
  if (unit === undefined) return null;
  const check = String(detail["check"]);
  const to = new Date(String(detail["until"]));
  const from = subDays(to, 1);
  const points = await readingsOf(app.db, check, { from, to });
  if (points.length === 0) return null;
  const chart: Chart = { check, unit, from, to, points };
  return chartMessage(chart, (await pictureOf(app.db, id)) ?? (await upload(app, id, chart)));
}

/** Where Slack takes none, or gives no answer, the numbers are told alone: the thread waits for no picture. */
async function upload(app: App, event: number, chart: Chart): Promise<string | null> {
  try {
    const png = await drawPng(chartSvg(chart));
    const file = await app.slack.upload({ name: `day-${event}.png`, bytes: png, alt: chartWords(chart) });
    await keepPicture(app.db, event, file);
    return file;
  } catch (error) {
    if (!(error instanceof SlackRefused || error instanceof SlackSilent)) throw error;
    if (!isLacking(error)) app.log.warn({ err: error }, "slack takes no picture, the numbers are told alone");
    return null;
  }
}

export async function forgetOldReadings(app: App): Promise<void> {
  await forgetReadings(app.db, subHours(app.now(), KEPT));
}
