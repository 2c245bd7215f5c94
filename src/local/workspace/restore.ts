/** Brings back what the journal holds, and keeps the journal small. */

import type { Entry } from "./journal.ts";
import { fieldsOf, isFields, textOf } from "../json.ts";
import { messageEntries, messagesIn } from "./messages.ts";
import { directMessage } from "./world.ts";
import type { Message, StoredFile, View, World } from "./world.ts";

const KEPT_PER_CHANNEL = 1000;
const KEPT_FILES = 50;

const RESTORE: Record<Entry["kind"], (world: World, entry: Entry) => void> = {
  message(world, { channel, message }) {
    if (!isMessage(message)) return;
    messagesIn(world, textOf(channel)).set(message.ts, message);
    world.lastTs = Math.max(world.lastTs, Number(message.ts.replace(".", "")));
  },
  gone(world, { channel, ts }) {
    messagesIn(world, textOf(channel)).delete(textOf(ts));
  },
  home(world, { user, view }) {
    if (isFields(view)) world.homes.set(textOf(user), view as View);
  },
  dm(world, { pair }) {
    const [one, other] = Array.isArray(pair) ? pair.map(textOf) : [];
    if (one !== undefined && other !== undefined) directMessage(world, [one, other]);
  },
  file(world, { file }) {
    const { content, ...rest } = fieldsOf(file);
    const stored = { ...rest, content: Buffer.from(textOf(content), "base64") } as StoredFile;
    world.files.set(stored.id, stored);
  },
};

/** Messages of channels that the workspace no longer has are let go. */
export function restore(world: World): void {
  for (const entry of world.journal.read()) RESTORE[entry.kind]?.(world, entry);
  for (const channel of world.messages.keys()) if (!world.channels.has(channel)) world.messages.delete(channel);
  world.journal.rewrite(snapshot(world));
}

function snapshot(world: World): Entry[] {
  const dms = [...world.channels.values()].filter((channel) => channel.kind === "im");
  const files = [...world.files.values()].slice(-KEPT_FILES);
  return [
    ...dms.map((channel): Entry => ({ kind: "dm", pair: [...channel.members] })),
    ...files.map((file): Entry => ({
      kind: "file",
      file: { ...file, content: file.content?.toString("base64") ?? "" },
    })),
    ...[...world.homes].map(([user, view]): Entry => ({ kind: "home", user, view })),
    ...messageEntries(world, KEPT_PER_CHANNEL),
  ];
}

function isMessage(value: unknown): value is Message {
  return isFields(value) && typeof value["ts"] === "string" && typeof value["text"] === "string";
}
