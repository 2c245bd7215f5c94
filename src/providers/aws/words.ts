import { z } from "zod";
import type { Answer, System } from "../http-json.ts";

/** What AWS says when it does not do what it is asked. */

const said = z.object({ code: z.string(), message: z.string() });

/** Its code for why it does not do what it was asked; nothing where it did. */
export function codeOf(body: unknown): string {
  const read = said.safeParse(body);
  return read.success ? read.data.code : "";
}

/** By these it does not know us. What it says of a signature repeats what was signed, a session's token too. */
const OF_KEYS =
  /^(UnrecognizedClient|InvalidClientTokenId|InvalidSignature|SignatureDoesNotMatch|IncompleteSignature|ExpiredToken|InvalidToken|MissingAuthenticationToken|RequestExpired)/;
const BUSY =
  /^(Throttl|ScalingActivityInProgress|TooManyRequests|RequestLimitExceeded|RequestThrottled|PriorRequestNotComplete)/;
const REFUSED = /^(AccessDenied|UnauthorizedOperation|NotAuthorized)/;
const LONGEST = 300;

export const AWS: System = {
  name: "AWS",
  isBusy: (body) => BUSY.test(codeOf(body)),
  says(body) {
    const read = said.safeParse(body);
    if (!read.success || BUSY.test(read.data.code)) return undefined;
    if (OF_KEYS.test(read.data.code)) return `AWS does not accept the credentials (${read.data.code})`;
    return `AWS says: ${read.data.message.slice(0, LONGEST)}`;
  },
};

/** Whether it was refused because of who asked. */
export function isOfKeys({ body }: Answer): boolean {
  return OF_KEYS.test(codeOf(body));
}

/** Whether it was refused because whoever asked may not do it. */
export function isDenied({ body }: Answer): boolean {
  return REFUSED.test(codeOf(body));
}

const LONGEST_FACT = 160;

/** What AWS says, as long as a card has room for it. */
export function short(text: string): string {
  return text.length > LONGEST_FACT ? `${text.slice(0, LONGEST_FACT - 1)}…` : text;
}
