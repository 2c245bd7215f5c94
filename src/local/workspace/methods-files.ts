/** Web API: the three steps of an upload, and the files themselves. */

import { joinedChannel, listArgument, optional, required } from "./arguments.ts";
import { readContent } from "./content.ts";
import { fieldsOf, textOf } from "../json.ts";
import type { Fields } from "../json.ts";
import { addMessage } from "./messages.ts";
import { Refusal } from "./refusal.ts";
import { randomId } from "./world.ts";
import type { StoredFile, World } from "./world.ts";

const MIME_TYPES: Record<string, string> = {
  png: "image/png",
  jpg: "image/jpeg",
  gif: "image/gif",
  svg: "image/svg+xml",
  csv: "text/csv",
  json: "application/json",
};

export function uploadUrl(world: World, args: Fields): Fields {
  const name = required(args, "filename");
  const length = Number(required(args, "length"));
  if (!Number.isInteger(length) || length < 1) throw new Refusal("invalid_arguments");
  const id = randomId("F");
  const mimetype = MIME_TYPES[name.split(".").at(-1)?.toLowerCase() ?? ""] ?? "text/plain";
  world.files.set(id, { id, name, title: name, length, mimetype, content: null });
  return { upload_url: `${world.url}/upload/${id}`, file_id: id };
}

/** Takes the bytes of an upload, as they are or as a multipart form's only file. False: not what was announced. */
export async function receiveUpload(world: World, id: string, contentType: string, body: Buffer): Promise<boolean> {
  const file = world.files.get(id);
  if (file === undefined || file.content !== null) return false;
  const content = contentType.startsWith("multipart/form-data") ? await onlyPart(contentType, body) : body;
  if (content === null || content.length !== file.length) return false;
  file.content = content;
  world.journal.append({ kind: "file", file: { ...file, content: content.toString("base64") } });
  return true;
}

export function completeUpload(world: World, args: Fields): Fields {
  const given = (listArgument(args, "files", "invalid_arguments") ?? []).map(fieldsOf);
  const files = given.map(({ id, title }) => {
    const file = world.files.get(textOf(id));
    if (file === undefined || file.content === null) throw new Refusal("file_not_found");
    if (typeof title === "string") file.title = title;
    return fileObject(world, file);
  });
  if (optional(args, "channel_id") !== undefined) share(world, { ...args, channel: args["channel_id"] }, files);
  return { files };
}

function share(world: World, args: Fields, files: Fields[]): void {
  const channel = joinedChannel(world, args);
  const content = readContent({ text: args["initial_comment"], blocks: args["blocks"] });
  const thread_ts = optional(args, "thread_ts");
  addMessage(world, channel, world.app.botUserId, { ...content, files, thread_ts });
}

function fileObject(world: World, file: StoredFile): Fields {
  const { id, name, title, mimetype, length } = file;
  const url_private = `${world.url}/files/${id}`;
  return { id, name, title, mimetype, size: length, user: world.app.botUserId, url_private, permalink: url_private };
}

async function onlyPart(contentType: string, body: Buffer): Promise<Buffer | null> {
  const form = await new Response(new Uint8Array(body), { headers: { "content-type": contentType } })
    .formData()
    .catch(() => null);
  const part = [...(form?.values() ?? [])].find((value) => typeof value !== "string");
  return part === undefined ? null : Buffer.from(await part.arrayBuffer());
}
