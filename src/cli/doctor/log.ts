import type { Pool } from "pg";
import { differenceInMinutes } from "../../domain/time.ts";
import { examineBotRole } from "../../db/bot-role.ts";
import { logTriggers } from "../../db/examine.ts";
import { shortHead } from "../../domain/seal.ts";
import { sealed } from "../../record.ts";
import { doubtful, ill, unexamined, well, type Finding } from "./finding.ts";

/** What keeps the log from being changed, and whether its chain keeps up with it. */
export async function examineLog(db: Pool, now: Date): Promise<readonly Finding[]> {
  return [await examineTriggers(db), judgeRole(await examineBotRole(db)), judgeSealer(await sealed(db), now)];
}

const TRIGGERS = [
  "event_seals_append_only",
  "event_seals_no_truncate",
  "events_append_only",
  "events_no_truncate",
  "events_owe_seal",
];

async function examineTriggers(db: Pool): Promise<Finding> {
  const found = await logTriggers(db);
  const gone = TRIGGERS.filter((name) => !found.includes(name));
  if (gone.length === 0) return well("The log can only be added to: its triggers are in place.");
  return ill(
    `The log can be changed: ${gone.join(" and ")} is not in force.`,
    "Find out who took the trigger away; src/db/schema.sql has its statement.",
  );
}

/** Which of two holds: the bot's SQL is held off by rights as well, or by the triggers alone. */
export function judgeRole(role: Awaited<ReturnType<typeof examineBotRole>>): Finding {
  const { name, owner, changes } = role;
  if (changes.length > 0)
    return ill(
      `The bot's own role, ${name}, may do more than read and add to the log: ${changes.join(", ")}.`,
      "Start Daytwo again: it takes back what was granted. What is left then, take from the role by hand.",
    );
  if (role.taken) return well(`The bot works as a role that may only read and add to the log: ${name}.`);
  if (!role.known && role.mayCreate)
    return unexamined(
      "The bot gets a role that may only read and add to the log, at start or by `npx daytwo migrate`.",
    );
  return doubtful(
    `Only its triggers keep the log from the bot itself: it works as their owner, ${owner}, which may make no other role.`,
    `Have somebody who may run \`${role.known ? "" : `create role ${name} nologin; `}grant ${name} to "${owner}"\`, and start Daytwo again.`,
  );
}

const LATE = 5; // minutes; a worker seals every few seconds

/** How far the chain is behind the log. */
export function judgeSealer({ head, behind, since }: Awaited<ReturnType<typeof sealed>>, now: Date): Finding {
  if (behind === 0)
    return well(
      head.seq === 0 ? "There is no event to seal yet." : `Every event is sealed: head ${shortHead(head.hash)}.`,
    );
  if (since === null) return ill("Events were removed before they were sealed.", "Run `npx daytwo audit verify`.");
  const events = behind === 1 ? "1 event waits" : `${behind} events wait`;
  const minutes = differenceInMinutes(now, since);
  if (minutes < LATE) return well(`The log is sealed but for the newest: ${events} for a seal.`);
  return doubtful(
    `The sealer is behind: ${events} for a seal, the oldest for ${minutes} minutes.`,
    "Have a process with the role `worker` running; if one is, its log tells why it does not seal.",
  );
}
