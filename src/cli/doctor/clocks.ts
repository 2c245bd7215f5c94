import { examineServer } from "../../db/examine.ts";
import { capital } from "../../slack/text.ts";
import { withDatabase } from "./database.ts";
import { because, doubtful, ill, unexamined, well, type Finding, type Patient } from "./finding.ts";
import { apiUrlOf, connected } from "./slack.ts";

/** Whether our clock, the database's and Slack's agree: due times are the database's, signatures rest on all three. */

const NEAR = 5; // seconds of difference that mean nothing: Slack tells its time in whole seconds
const FAR = 60; // seconds from which leases and signatures go wrong

type Clock = { readonly now: () => number };

export async function examineClocks(patient: Patient, signal: AbortSignal, clock: Clock): Promise<readonly Finding[]> {
  return Promise.all([databaseClock(patient, clock), slackClock(patient, signal, clock)]);
}

async function databaseClock({ config }: Patient, clock: Clock): Promise<Finding> {
  const { database } = config;
  if (database === "embedded") return unexamined("The embedded database has this machine's clock.");
  try {
    return await withDatabase(database.url, async (db) => {
      await examineServer(db); // the first question also waits for the connection
      return compare("the database's", clock, async () => (await examineServer(db)).now.getTime());
    });
  } catch (error) {
    return unexamined(`The database's clock cannot be read: ${because(error)}.`);
  }
}

async function slackClock(patient: Patient, signal: AbortSignal, clock: Clock): Promise<Finding> {
  const slack = connected(patient);
  if (slack === null) return unexamined("The local workspace has this machine's clock.");
  try {
    // Any answer tells the time, also one that refuses.
    return await compare("Slack's", clock, async () => {
      const answer = await fetch(`${apiUrlOf(slack)}api.test`, { method: "POST", signal });
      await answer.body?.cancel();
      return Date.parse(answer.headers.get("date") ?? "");
    });
  } catch (error) {
    return unexamined(`Slack's clock cannot be read: ${because(error)}.`);
  }
}

async function compare(whose: string, clock: Clock, read: () => Promise<number>): Promise<Finding> {
  const before = clock.now();
  const theirs = await read();
  const after = clock.now();
  if (Number.isNaN(theirs)) return unexamined(`${capital(whose)} clock is not told.`);
  // Only what the time of the question cannot explain is a difference.
  const ahead = Math.max(before - theirs, 0) - Math.max(theirs - after, 0);
  const seconds = Math.round(Math.abs(ahead) / 1000);
  if (seconds <= NEAR) return well(`Our clock and ${whose} agree.`);
  const sentence = `Our clock is ${seconds} s ${ahead > 0 ? "ahead of" : "behind"} ${whose}.`;
  const next = "Have both machines keep time by NTP.";
  return seconds < FAR ? doubtful(sentence, next) : ill(sentence, next);
}
