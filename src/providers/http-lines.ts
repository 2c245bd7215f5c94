import type { IncomingMessage } from "node:http";
import { answerOf, parsed, send, whole, type Answer, type Asked } from "./http-json.ts";

/** Answers of HTTP APIs that go on, a line of JSON for each thing that happens. Nothing of them is kept. */

export type Listening = {
  readonly signal: AbortSignal;
  /** ms without a byte after which nobody is there any more. */
  readonly silence: number;
  /** The answer has begun, and is a success. */
  begun(): void;
  heard(line: unknown): void;
};

const LONGEST = 4 * 2 ** 20; // characters of a line

/**
 * Hears line after line until the other side ends the answer; null then. What was answered instead, where that is no success.
 * @throws Unanswered when the connection breaks, or nothing comes any more
 */
export async function listen(
  { headers, ...asked }: Asked,
  { signal, silence, begun, heard }: Listening,
): Promise<Answer | null> {
  const request = { ...asked, headers: { accept: "application/json", ...headers }, body: undefined };
  const silent = new AbortController();
  const timer = setTimeout(() => silent.abort(new Error("nothing comes any more")), silence);
  try {
    return await send(request, AbortSignal.any([signal, silent.signal]), async (response) => {
      const { statusCode = 0 } = response;
      if (statusCode < 200 || statusCode >= 300) return answerOf(await whole(response));
      begun();
      return lineByLine(response, heard, () => timer.refresh());
    });
  } finally {
    clearTimeout(timer);
  }
}

async function lineByLine(
  response: IncomingMessage,
  heard: (line: unknown) => void,
  isThere: () => void,
): Promise<null> {
  response.setEncoding("utf8");
  let rest = "";
  for await (const chunk of response as AsyncIterable<string>) {
    isThere();
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    // What comes yet of a line that is too long is no JSON by itself.
    if (rest.length > LONGEST) rest = "";
    for (const line of lines) {
      const said = parsed(line);
      if (said !== undefined) heard(said);
    }
  }
  return null;
}
