import { z } from "zod";
import { ROLES } from "../domain/role.ts";
import { webAddress } from "../domain/measures.ts";
import { KEY, KEY_RULE } from "./keys.ts";

/** What the shapes of the catalog are made of: one word, one line or one address of the file. */

/** An empty section (`people:` with nothing beneath) is the same as none. */
export const section = z
  .record(z.string(), z.unknown())
  .nullish()
  .transform((value) => value ?? {});
export const list = z
  .array(z.unknown())
  .nullish()
  .transform((value) => value ?? []);

export const channel = z.string().regex(/^(#[^\s#,@<>A-Z]{1,80}|[CG][A-Z0-9]{2,20})$/, {
  error: 'must be a channel such as "#ops", in quotes and small letters, or a channel id such as C0123ABCD',
});
export const name = z.string().trim().min(1).max(80).meta({ pattern: "\\S" });
export const key = z.string().regex(KEY, { error: KEY_RULE });
export const link = webAddress("must be a URL that begins with https:// or http://");
const day = "(?:[mM][oO][nN]|[tT][uU][eE]|[wW][eE][dD]|[tT][hH][uU]|[fF][rR][iI]|[sS][aA][tT]|[sS][uU][nN])[^,–-]*";
const days = String.raw`\s*${day}(?:[–-]\s*${day})?`;
/** The pattern is for editors; the catalog reader says which day is none. */
export const dayText = z.string().meta({ pattern: `^${days}(?:,${days})*$` });
export const zone = z.string().meta({ pattern: "^[A-Za-z][A-Za-z0-9_+/-]*$" }).optional();
export const moment = z.string().regex(/^\s*(\d{4}-\d\d-\d\d|[A-Za-z]{3,9})\s+([01]?\d|2[0-3]):[0-5]\d\s*$/, {
  error: "must be a day and a time such as 2026-11-26 18:00, or fri 17:00 for every week",
});
export const money = z
  .string()
  .regex(/^\d{1,7}(\.\d{1,2})? [A-Z]{3}$/, { error: "must be an amount and a currency such as 25 EUR" })
  .transform((text) => ({ amount: Number(text.slice(0, -4)), currency: text.slice(-3) }));
export const ROLE = z.enum(ROLES);
export const slackGroup = z
  .string()
  .regex(/^S[A-Z0-9]{2,20}$/, { error: "must be a Slack user group id such as S012AB3CD" });
export const timeOfDay = z
  .string()
  .regex(/^([01]?\d|2[0-3]):[0-5]\d$/, { error: 'must be a time of day such as "09:00"' })
  .transform((at) => at.padStart(5, "0"));
export const slackUser = z.string().regex(/^[UW][A-Z0-9]{2,20}$/, {
  error: "must be a Slack member id such as U012AB3CD (in Slack: profile → ⋮ → Copy member ID)",
});
