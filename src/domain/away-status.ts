import { z } from "zod";

/** Who is away by the status that they show in Slack. */

export type AwayStatus = {
  /** In their own words: "Vacationing". */
  readonly words: string;
  /** Null where it has no end. */
  readonly until: Date | null;
};

/** The emoji of those statuses which Slack suggests to people who are away. Their words differ by language, the emoji does not. */
const AWAY: Readonly<Record<string, string>> = {
  ":palm_tree:": "Vacationing",
  ":face_with_thermometer:": "Out sick",
};

const status = z.object({
  status_emoji: z.string(),
  status_text: z.string().default(""),
  status_expiration: z.number().default(0), // seconds since 1970; 0 is no end
});

/** From the profile in Slack's `users.info`; null for somebody who is not away, or where it does not say. */
export function awayStatusIn(profile: unknown): AwayStatus | null {
  const { data } = status.safeParse(profile);
  const suggested = data === undefined || !Object.hasOwn(AWAY, data.status_emoji) ? undefined : AWAY[data.status_emoji];
  if (data === undefined || suggested === undefined) return null;
  const until = data.status_expiration > 0 ? new Date(data.status_expiration * 1_000) : null;
  if (until !== null && Number.isNaN(until.getTime())) return null;
  return { words: data.status_text.trim() === "" ? suggested : data.status_text, until };
}
