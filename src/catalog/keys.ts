/** What may name a part of the catalog. */

/** What names a person, team, service, target or environment. */
export const KEY = /^[a-z][a-z0-9-]{0,39}$/;
export const KEY_RULE = "must begin with a small letter and have only small letters, digits and `-`, 40 at most";

/** Words that commands understand otherwise, and so cannot name anything. */
export const RESERVED = {
  people: /^(nobody|me|(?:team|rotation)-.*)$/,
  teams: /^$/,
  rotations: /^$/,
  services: /^(mine|unowned|op-?\d+)$/,
  alerts: /^$/,
  heartbeats: /^$/,
} as const;

export function isServiceKey(word: string): boolean {
  return KEY.test(word) && !RESERVED.services.test(word);
}
