import type { App } from "../../src/app.ts";
import { draw } from "../../src/delivery/drawing.ts";
import { fieldsOf, listOf, textOf } from "../../src/local/json.ts";
import { withPosting } from "../../src/slack/blocks.ts";
import type { Posting } from "../../src/store/postings.ts";
import type { Slack } from "./slack.ts";

/** Whether Slack shows what the rows say. */

/** One message as Slack shows it, and the posting that it says it is. */
export type Shown = { readonly ts: string; readonly posting: number; readonly text: string; readonly blocks: unknown };

/** What stands in the default channel and its threads. */
export async function messages(slack: Slack): Promise<readonly Shown[]> {
  const roots = await slack.as("ana").sees("#ops");
  const threads = await Promise.all(
    roots.filter(({ replies }) => replies > 0).map(async (root) => (await slack.as("ana").sees("#ops", root)).slice(1)),
  );
  return [...roots, ...threads.flat()].map(({ ts, raw }) => ({
    ts,
    posting: Number(fieldsOf(fieldsOf(raw["metadata"])["event_payload"])["posting"]),
    text: textOf(raw["text"]),
    blocks: listOf(raw["blocks"]),
  }));
}

/** Postings whose message does not say what their row says now; the first three. */
export async function different(app: App, postings: readonly Posting[], shown: readonly Shown[]): Promise<unknown[]> {
  const at = new Map(shown.map((message) => [message.ts, message]));
  const wrong: unknown[] = [];
  for (const posting of postings) {
    const drawn = await draw(app, posting);
    const message = at.get(posting.messageTs ?? "");
    const wanted = drawn === null ? null : withPosting(drawn, posting.id);
    const same = message?.text === wanted?.text && equal(message?.blocks, wanted?.blocks);
    if (!same || message?.posting !== posting.id) wrong.push({ posting: posting.id, message, wanted });
  }
  return wrong.slice(0, 3);
}

/** As Slack stores blocks: with ids where we gave none. */
function equal(stored: unknown, drawn: unknown): boolean {
  return JSON.stringify(bare(stored)) === JSON.stringify(bare(JSON.parse(JSON.stringify(drawn ?? null))));
}

function bare(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(bare);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== "block_id")
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, each]) => [key, bare(each)]),
  );
}
