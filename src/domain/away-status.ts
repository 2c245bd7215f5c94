import { z } from "zod";

/** Who is away by the status that they show in Slack. */

export type AwayStatus = {
  /** In their own words: "Vacationing". */
  readonly words: string;
  /** Null while no end of it is said. */
  readonly until: Date | null;
};

/** Of the statuses that Slack suggests, those of who is away; their words are in each one's language, their emoji is not. */
const AWAY: Readonly<Record<string, string>> = {
  ":palm_tree:": "Vacationing",
  ":face_with_thermometer:": "Out sick",
};

const status = z.object({
  status_emoji: z.string(),
  status_text: z.string().default(""),
  status_expiration: z.number().default(0), // seconds since 1970; 0 is no end
});

/** Of the profile in Slack's `users.info`; null of who is not away, and where it says nothing of it. */
export function awayStatusIn(profile: unknown): AwayStatus | null {
  const { data } = status.safeParse(profile);
  const suggested = data === undefined || !Object.hasOwn(AWAY, data.status_emoji) ? undefined : AWAY[data.status_emoji];
  if (data === undefined || suggested === undefined) return null;
  const until = data.status_expiration > 0 ? new Date(data.status_expiration * 1_000) : null;
  if (until !== null && Number.isNaN(until.getTime())) return null;
  return { words: data.status_text.trim() === "" ? suggested : data.status_text, until };
}
