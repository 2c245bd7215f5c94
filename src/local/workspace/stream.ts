/** What the page is told live: one server-sent event stream per open page. */

import type { ServerResponse } from "node:http";
import type { Fields } from "../json.ts";

export interface StreamEvent extends Fields {
  type: string;
}

export interface Stream {
  /** Keeps `response` open as the stream of one person's page. */
  open(userId: string, response: ServerResponse): void;
  /** Sends the event to the pages of everybody for whom `isFor` holds. */
  publish(isFor: (userId: string) => boolean, event: StreamEvent): void;
  close(): void;
}

const HEARTBEAT_MS = 15_000;

export function openStream(): Stream {
  const pages = new Set<{ userId: string; response: ServerResponse }>();
  const heartbeat = setInterval(() => {
    for (const { response } of pages) response.write(": still here\n\n");
  }, HEARTBEAT_MS);
  heartbeat.unref();

  return {
    open(userId, response) {
      const page = { userId, response };
      pages.add(page);
      response.on("close", () => pages.delete(page));
      response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
      response.write("retry: 1000\n\n");
    },
    publish(isFor, event) {
      const frame = `data: ${JSON.stringify(event)}\n\n`;
      for (const { userId, response } of pages) if (isFor(userId)) response.write(frame);
    },
    close() {
      clearInterval(heartbeat);
      for (const { response } of pages) response.end();
    },
  };
}
