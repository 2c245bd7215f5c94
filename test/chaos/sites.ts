import type { Profile } from "./far-application.ts";
import type { Random } from "./random.ts";

/** What people act on: one service with one target each, and what its application offers against doubling. */
export type Site = {
  readonly service: string;
  readonly application: string;
  readonly channel: string;
  readonly profile: Profile;
  /** Kept for the stories; the everyday leaves it alone. */
  readonly story: boolean;
  /** How many must approve what is done to it. */
  readonly approvals: 0 | 1 | 2;
};

/** So many sites are for the stories; every run has them. */
export const STORIES = 32;
const CHANNELS = 6;
/** Nothing but our own care protects a bare one: half of them are. */
const PROFILES: readonly Omit<Profile, "works">[] = [
  { compares: false, knowsTokens: false },
  { compares: true, knowsTokens: true },
  { compares: false, knowsTokens: false },
  { compares: true, knowsTokens: false },
  { compares: false, knowsTokens: false },
  { compares: false, knowsTokens: true },
];

/** `count` for the everyday, beside those of the stories. */
export function makeSites(name: string, count: number, random: Random): Site[] {
  return Array.from({ length: STORIES + count }, (_, index) => {
    const service = `${name}${String(index + 1).padStart(3, "0")}`;
    return {
      service,
      application: service,
      channel: `#c${index % CHANNELS}`,
      profile: {
        ...(PROFILES[index % PROFILES.length] ?? { compares: false, knowsTokens: false }),
        works: random.between(800, 2_500),
      },
      story: index < STORIES,
      approvals: approvalsOf(index),
    };
  });
}

/** Each approval costs messages, of which Slack takes few a minute: most need none. */
function approvalsOf(index: number): 0 | 1 | 2 {
  if (index % 8 === 4) return 1;
  return index % 8 === 6 ? 2 : 0;
}

/** Commands are typed in #desk, where no card goes. */
export const CHANNEL_NAMES = ["desk", "daily", ...Array.from({ length: CHANNELS }, (_, index) => `c${index}`)];
