import type { Pool } from "pg";
import { alarms } from "../../store/alarms.ts";
import { countBehind } from "../../store/due-postings.ts";
import { shutChannels } from "../../store/pace.ts";
import { ill, well, type Finding } from "./finding.ts";

/** Whether what the rows say reaches Slack, as the running bot last found it. */
export async function examineMessages(db: Pool, now: Date): Promise<readonly Finding[]> {
  const [shut, begun, behind] = await Promise.all([shutChannels(db), alarms(db), countBehind(db, now)]);
  const refused = begun.filter(({ about }) => about === "token");
  const found = [
    ...refused.map(({ sentence }) => ill(sentence, "Reinstall the app, and set its new token as SLACK_BOT_TOKEN.")),
    ...shut.map(({ place, problem, since, waiting }) =>
      ill(
        `No message reaches ${place.replace("channel:", "")} since ${since.toISOString().slice(0, 16)}Z (${problem}); ${waiting} wait.`,
        "Unarchive the channel, invite the bot, or name another one in the catalog; it is tried again every five minutes.",
      ),
    ),
  ];
  if (found.length > 0) return found;
  const count = behind.now + behind.later;
  return [
    well(count === 0 ? "Every message in Slack shows its row." : `${count} messages in Slack are about to change.`),
  ];
}
