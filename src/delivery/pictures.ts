import { subDays, subHours } from "../domain/time.ts";
import type { App } from "../app.ts";
import type { Change } from "../caller.ts";
import { checkNamed } from "../checks/index.ts";
import type { CheckSpec } from "../domain/catalog.ts";
import type { EventLine } from "../domain/board/event-line.ts";
import { tell } from "../items/card-and-thread.ts";
import { uploadOnce } from "./files.ts";
import { drawPng } from "./png.ts";
import type { Message } from "../slack/blocks.ts";
import { chartMessage, chartSvg, chartWords, type Chart } from "../slack/chart.ts";
import type { StoredItem } from "../store/items.ts";
import { countReadings, forgetReadings, readingsOf } from "../store/readings.ts";

/** A check's last day, drawn in the thread of the item that it opened: once for each time that it became critical. */

const KEPT = 26; // hours that readings are kept: a picture of a day may come a little late
const ENOUGH = 6; // readings; fewer are no day to look at

/** Whether readings of a check are kept: those that measure something with a unit. How often, store/checks.ts says. */
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
  const file = await uploadOnce(app, id, async () => {
    const bytes = await drawPng(chartSvg(chart));
    return app.slack.upload({ name: `day-${id}.png`, bytes, alt: chartWords(chart) });
  });
  return chartMessage(chart, file);
}

export async function forgetOldReadings(app: App): Promise<void> {
  await forgetReadings(app.db, subHours(app.now(), KEPT));
}
