import { catalogLines } from "../domain/addition.ts";
import type { Service } from "../domain/catalog.ts";
import { type Message, context, section, sections } from "./blocks.ts";
import { codeBlock, plain, when } from "./text.ts";

/** What is watched from now on and how to keep it; or since when it is. The answer to `/day2 add …`. */
export function addedMessage({ service, isNew }: { readonly service: Service; readonly isNew: boolean }): Message {
  const key = plain(service.key, 60);
  if (!isNew) return alreadyMessage(service);
  const looks = service.checks.some(({ check }) => check === "certificate")
    ? "its answers and its certificate"
    : "its answers";
  return {
    text: `${key} is watched from now on`,
    blocks: [
      section(
        `*${key}* is watched from now on: ${looks}. \`/day2 status ${key}\` shows what is found, within a minute.`,
      ),
      section(
        `To keep it, with an owner and more, add this to \`daytwo.yaml\`, all services beneath one \`services:\`:\n${codeBlock(catalogLines(service))}`,
      ),
      context(`\`/day2 remove ${key}\` stops watching it · once the file has it, the file counts`),
    ],
  };
}

function alreadyMessage({ key, added }: Service): Message {
  const name = plain(key, 60);
  const since = added === undefined ? "the catalog declares it" : `since ${when(added.at)}`;
  return {
    text: `That is watched already, as ${name}`,
    blocks: sections([`That is watched already, as *${name}*: ${since}. \`/day2 status ${name}\` shows how it is.`]),
  };
}
