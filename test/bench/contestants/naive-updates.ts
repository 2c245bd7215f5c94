import { WebClient } from "@slack/web-api";
import { whenAsked } from "./asked.ts";

/**
 * What one usually writes to show progress: a message for each thing, and `chat.update` for each step of it, by Slack's own
 * client as it comes. Asked `post`, it posts them; asked `update`, it goes through all steps, and answers when Slack took all.
 */
const { SLACK_API_URL = "", CARDS = "", EVENTS = "", EVERY = "" } = process.env;
const web = new WebClient("xoxb-bench", {
  slackApiUrl: SLACK_API_URL,
  logger: {
    debug() {},
    info() {},
    warn() {},
    error() {},
    setLevel() {},
    setName() {},
    getLevel: () => "error" as never,
  },
});
const posted: string[] = [];

function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

whenAsked(async (line) => {
  if (line === "post") {
    for (let card = 0; card < Number(CARDS); card += 1) {
      const { ts } = await web.chat.postMessage({ channel: "C0OPS", text: `card ${card}` });
      posted.push(ts ?? "");
      await after(1_050);
    }
    return {};
  }
  const calls: Promise<unknown>[] = [];
  for (let event = 1; event <= Number(EVENTS); event += 1) {
    await after(Number(EVERY));
    for (const [card, ts] of posted.entries())
      calls.push(web.chat.update({ channel: "C0OPS", ts, text: `card ${card} at ${event}/${EVENTS}` }));
  }
  const ended = Date.now();
  await Promise.all(calls);
  return { ended };
});
