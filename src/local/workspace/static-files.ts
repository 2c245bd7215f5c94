/** The page's own files, and the files that apps uploaded. */

import { readFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import type { World } from "./world.ts";

const PAGE = fileURLToPath(new URL("page", import.meta.url));
/** Comes along for browsers whose machine has no pictures for emoji. */
const EMOJI = { name: "emoji.woff2", font: "twemoji-colr-font/twemoji.woff2" };

const CONTENT_TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".json": "application/json; charset=utf-8",
  ".webmanifest": "application/manifest+json",
  ".woff2": "font/woff2",
};

const HEADERS = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
};

/** `/` is index.html, `/page/x.js` is page/x.js. */
export async function servePage(path: string, response: ServerResponse): Promise<void> {
  const name = path === "/" ? "index.html" : normalize(decodeURIComponent(path.replace(/^\/page\//, "")));
  const type = CONTENT_TYPES[extname(name)];
  if (type === undefined || name.startsWith("..") || name.startsWith("/")) return notFound(response);
  const file = name === EMOJI.name ? fileURLToPath(import.meta.resolve(EMOJI.font)) : join(PAGE, name);
  const content = await readFile(file).catch(() => null);
  if (content === null) return notFound(response);
  response.writeHead(200, { ...HEADERS, "content-type": type });
  response.end(content);
}

export function serveUpload(world: World, id: string, response: ServerResponse): void {
  const file = world.files.get(id);
  if (file === undefined || file.content === null) return notFound(response);
  response.writeHead(200, { ...HEADERS, "content-type": file.mimetype });
  response.end(file.content);
}

/** A permalink leads to the page: the thread of a reply, else the message's channel. */
export function followPermalink(world: World, path: string, query: URLSearchParams, response: ServerResponse): void {
  const [, channelId = "", digits = ""] = /^\/archives\/(\w+)\/p(\d+)$/.exec(path) ?? [];
  const channel = world.channels.get(channelId);
  if (channel === undefined) return notFound(response);
  const ts = query.get("thread_ts") ?? `${digits.slice(0, -6)}.${digits.slice(-6)}`;
  response.writeHead(302, { ...HEADERS, location: `/#/thread/${channel.id}/${ts}` });
  response.end();
}

export function notFound(response: ServerResponse): void {
  response.writeHead(404, { ...HEADERS, "content-type": "text/plain; charset=utf-8" });
  response.end("There is nothing here.\n");
}
