import type { Expected } from "../errors.ts";
import { type Message, context, section, sections } from "./blocks.ts";
import { codeBlock, link, plain, sentence } from "./text.ts";

/** Short answers to one person: done, not done, broken. */

/** "You have #151 now." Our own sentence; what it quotes is shown as it is. */
export function answerMessage(said: string): Message {
  return { text: sentence(said, 300), blocks: [section(sentence(said))] };
}

/** What was wrong, and what to do next. */
export function problemMessage({ message, hint }: Pick<Expected, "message" | "hint">): Message {
  return {
    text: sentence(message, 300),
    blocks: sections([`⚠️ ${sentence(message)}`, ...(hint === undefined ? [] : [sentence(hint)])]),
  };
}

/** A fault of ours. The reference is in the log, with the whole story. */
export function brokenMessage(reference: string): Message {
  const said = `Something broke, ref ${plain(reference, 40)}.`;
  return {
    text: said,
    blocks: [
      section(`💥 ${said}`),
      context("Nothing was done by halves. Try again; if it breaks again, give the reference to whoever runs Daytwo."),
    ],
  };
}

/** How alerts that belong to no service find one. */
export function routeMessage(lines: readonly string[]): Message {
  return {
    text: "No service is named for these alerts",
    blocks: [
      section(
        `No service is named for these alerts. To send them to whoever answers for one, add this to \`daytwo.yaml\`, with its key for SERVICE, and all routes beneath one \`routes:\`:\n${codeBlock(lines)}`,
      ),
      context(
        "It holds for alerts that begin later. A label `service` with the service's key does the same without a line.",
      ),
    ],
  };
}

/** Where the runbook of a service is, or that there is none. */
export function runbookMessage(serviceName: string, runbook: string | undefined): Message {
  const name = plain(serviceName, 60);
  if (runbook === undefined) {
    return {
      text: `${name} has no runbook.`,
      blocks: [section(`${name} has no runbook. Add a line \`runbook: https://…\` to it in \`daytwo.yaml\`.`)],
    };
  }
  return { text: `Runbook of ${name}`, blocks: [section(link(runbook, `Runbook of ${serviceName}`))] };
}
