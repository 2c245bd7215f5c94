import { z } from "zod";
import { Unavailable } from "../../errors.ts";
import { call, look, type Place } from "./api.ts";
import { sts, type Work } from "./client.ts";
import { AWS, isDenied } from "./words.ts";
import { complaintOf, complaintOfSilence } from "../http-json.ts";
import type { Standing } from "../provider.ts";

/** Who we are at AWS, and what of looking it refuses: whether something may be changed, AWS only says when it is. */

/** One look, as IAM calls it and what it is for. What AWS answered, whatever that is. @throws Unavailable | Invalid */
export type Tries = (action: string, what: string, work: Work) => Promise<unknown>;

const identity = z.object({ Arn: z.string() });

/** @throws Unavailable | Invalid */
export async function examination(
  where: Place,
  looks: (tries: Tries) => Promise<void>,
  signal: AbortSignal,
): Promise<Standing> {
  const missing: string[] = [];
  const asked = sts((api) => api.getCallerIdentity({}));
  const { Arn } = await look(where, asked, identity, signal);
  await looks(async (action, what, work) => {
    const answer = await call(where, work, { signal }).catch((error: unknown) => {
      throw complaintOfSilence(error, AWS);
    });
    const complaint = complaintOf(answer, AWS);
    if (complaint instanceof Unavailable) throw complaint;
    if (isDenied(answer)) missing.push(`${action} (for ${what})`);
    return answer.body;
  });
  return { identity: Arn, missing };
}
