import { z } from "zod";
import { pause } from "../../wait.ts";
import { answerOf, parsed, send, whole } from "../http-json.ts";
import type { ApplyUse } from "../provider.ts";
import type { Settings } from "./api.ts";

/**
 * What a stack's log says while something is done, as Cloud 66's own command line hears it (`cx stacks listen`): from a
 * server that speaks Faye's protocol, by long polling. It takes no credential, neither to listen nor, for all that is
 * known, to say something. So lines are words to be shown, and nothing is decided by them.
 */

const LOG = "https://sockets.cloud66.com/push";
const PATIENCE = 90_000; // ms that one answer may take: it is held back until there is something to say
const CALM = 1_000; // ms between two wishes the first of which brought nothing: what is said meanwhile is kept over there
const AGAIN = 5_000; // ms until it is tried again
const MISSES = 5; // in a row after which nobody listens any more
const LARGEST = 2 ** 20; // bytes of an answer
const LONGEST = 1_000; // characters of a line
const MOST = 10_000; // lines

/** Until the signal aborts. Whatever is wrong with a log, what is done goes on without it: nothing of that is thrown. */
export async function followLog(
  where: Settings,
  { signal, report }: Pick<ApplyUse, "signal" | "report">,
): Promise<void> {
  const url = addressOf(where);
  let left = MOST;
  function tell(line: string): void {
    if (signal.aborted || left <= 0) return;
    left -= 1;
    report(left > 0 ? line : "The log goes on: Cloud 66's dashboard shows the rest.");
  }
  for (let misses = 0; url !== null && misses < MISSES && left > 0 && !signal.aborted; misses += 1) {
    try {
      const client = await subscribed(url, where.stack, signal);
      while (left > 0) {
        const calm = pause(CALM, signal);
        const lines = await heard(url, client, signal);
        if (lines === null) break;
        misses = 0;
        lines.forEach(tell);
        if (lines.length === 0) await calm;
      }
    } catch {
      await pause(AGAIN, signal);
    }
  }
}

/** Null where it is not listened to: what stands before the API does not stand before the log, and may be there for a reason. */
function addressOf({ api, log = api === undefined ? LOG : "off" }: Settings): URL | null {
  return log === "off" || log === false ? null : new URL(log);
}

const message = z.object({
  channel: z.string(),
  successful: z.boolean().nullish(),
  clientId: z.string().nullish(),
  data: z.unknown().optional(),
});
type Message = z.infer<typeof message>;

/** The client by whose name the stack's channels are heard. @throws when it is not to be had */
async function subscribed(url: URL, stack: string, signal: AbortSignal): Promise<string> {
  const hello = { channel: "/meta/handshake", version: "1.0", supportedConnectionTypes: ["long-polling"] };
  const client = good(await answers(url, hello, signal), hello.channel).clientId ?? "";
  const wish = { channel: "/meta/subscribe", clientId: client, subscription: `/realtime/${stack}/*` };
  good(await answers(url, wish, signal), wish.channel);
  return client;
}

/** What was said since it was asked last; null where the server knows the client no more. @throws when none answers */
async function heard(url: URL, client: string, signal: AbortSignal): Promise<string[] | null> {
  const wish = { channel: "/meta/connect", clientId: client, connectionType: "long-polling" };
  const messages = await answers(url, wish, signal);
  const isKnown = messages.some(({ channel, successful }) => channel === wish.channel && successful === true);
  return isKnown ? messages.filter(({ channel }) => channel !== wish.channel).flatMap(linesOf) : null;
}

/** @throws where nothing comes, or something else than messages */
async function answers(url: URL, wish: object, signal: AbortSignal): Promise<Message[]> {
  const headers = { "user-agent": "daytwo", accept: "application/json", "content-type": "application/json" };
  const patience = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]);
  const request = { method: "POST", url, headers, body: JSON.stringify(wish) };
  return z.array(message).parse(answerOf(await send(request, patience, (response) => whole(response, LARGEST))).body);
}

/** @throws where the answer for this is none, or says no */
function good(messages: readonly Message[], channel: string): Message {
  const found = messages.find((each) => each.channel === channel);
  if (found?.successful !== true) throw new Error(`${channel} was not granted`);
  return found;
}

const said = z.object({ message: z.string() });

/** Its data is a text that is JSON again. */
function linesOf({ data }: Message): string[] {
  const text = said.safeParse(typeof data === "string" ? parsed(data) : data).data?.message ?? "";
  return text
    .split(/[\r\n]+/)
    .filter((line) => line.trim() !== "")
    .map((line) => (line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line.trimEnd()));
}
