import type { Call } from "../json-server.ts";
import { apiVersionOf, Refusal, type Obj, type Resource } from "./object.ts";
import type { Store } from "./store.ts";

/** Answers that go on for as long as somebody watches. */

export type Watching = {
  readonly path: string;
  /** The version after which it began; 0: with all that was there. */
  readonly from: number;
  bookmark(): void;
  breaks(): void;
};

/**
 * Every change as a line, until the client goes or its time is up. Without a version, or from 0 on, it begins with all that
 * is there; after one that is forgotten it ends at once, with a mistake as its only line.
 */
export function watch(
  { store, watching }: { readonly store: Store; readonly watching: Set<Watching> },
  resource: Resource,
  { url, response }: Call,
  matches: (object: Obj) => boolean,
): null {
  const query = url.searchParams;
  const asked = Number(query.get("resourceVersion") ?? 0);
  function send(type: string, object: Obj): void {
    response.write(`${JSON.stringify({ type, object })}\n`);
  }
  function change(type: string, object: Obj): void {
    if (matches(object)) send(type, object);
  }
  function bookmark(): void {
    const { kind } = resource;
    if (query.get("allowWatchBookmarks") !== "true") return;
    send("BOOKMARK", {
      kind,
      apiVersion: apiVersionOf(resource),
      metadata: { resourceVersion: String(store.version()) },
    });
  }
  response.writeHead(200, { "content-type": "application/json", "transfer-encoding": "chunked" });
  response.flushHeaders();
  if (asked > 0 && asked < store.oldest()) {
    send("ERROR", new Refusal(410, "Expired", `too old resource version: ${asked} (${store.oldest()})`).status);
    response.end();
    return null;
  }
  if (asked === 0) for (const object of store.list(resource)) change("ADDED", object);
  const end = store.watch(resource, asked || store.version(), change);
  const open = { path: url.pathname, from: asked, bookmark, breaks: () => void response.socket?.destroy() };
  watching.add(open);
  const seconds = Number(query.get("timeoutSeconds") ?? 0);
  if (seconds > 0)
    setTimeout(() => {
      bookmark();
      response.end();
    }, seconds * 1_000).unref();
  response.on("close", () => {
    end();
    watching.delete(open);
  });
  return null;
}
