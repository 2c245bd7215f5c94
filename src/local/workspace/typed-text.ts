/** What Slack makes of text that a person types: mentions, channels and links become tokens, `& < >` entities. */

import { channelNamed } from "./world.ts";
import type { World } from "./world.ts";

const LINK = /\bhttps?:\/\/[^\s<>|]+|\b(?:[a-z0-9-]+\.)+(?:com|org|net|io|dev|app|eu|de)(?:\/[^\s<>|]*)?(?![\w@-])/gi;
const TOKEN = /<[@#!][^>]+>|<https?:[^>]+>/g;

/** `named` as commands with should_escape get it: `<@U1|ann>`; else as messages have it: `<@U1>`. */
export function escapeTyped(world: World, text: string, named: boolean): string {
  let rest = 0;
  let escaped = "";
  for (const token of text.matchAll(TOKEN)) {
    escaped += escapePlain(world, text.slice(rest, token.index), named) + knownToken(world, token[0], named);
    rest = token.index + token[0].length;
  }
  return escaped + escapePlain(world, text.slice(rest), named);
}

function escapePlain(world: World, text: string, named: boolean): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replace(LINK, (link) => (/^https?:/i.test(link) ? `<${link}>` : `<http://${link}|${link}>`))
    .replace(/(^|[\s(])@([\w.-]+)/g, (whole, before: string, name: string) => {
      const mention = mentionOf(world, name, named);
      return mention === null ? whole : before + mention;
    })
    .replace(/(^|[\s(])#([\w-]+)/g, (whole, before: string, name: string) => {
      const channel = channelNamed(world, name);
      return channel === undefined ? whole : `${before}<#${channel.id}|${channel.name}>`;
    });
}

function mentionOf(world: World, name: string, named: boolean): string | null {
  const person = [...world.people.values()].find((one) => one.name === name);
  if (person !== undefined) return named ? `<@${person.id}|${person.name}>` : `<@${person.id}>`;
  const group = [...world.groups.values()].find((one) => one.handle === name);
  if (group !== undefined) return named ? `<!subteam^${group.id}|@${group.handle}>` : `<!subteam^${group.id}>`;
  return ["here", "channel", "everyone"].includes(name) ? `<!${name}>` : null;
}

function knownToken(world: World, token: string, named: boolean): string {
  const person = world.people.get(/^<@(\w+)/.exec(token)?.[1] ?? "");
  if (person === undefined) return token;
  return named ? `<@${person.id}|${person.name}>` : `<@${person.id}>`;
}
