import { createServer } from "node:http";
import { runGuarded } from "../guard.ts";
import { listenNear } from "../ports.ts";

/** A small service that works, and that nobody remembers to own. */
runGuarded(async ({ release }: { release: string }) => {
  const server = createServer((request, response) => {
    response.writeHead(request.url === "/healthz" || request.url === "/" ? 200 : 404, {
      "content-type": "application/json",
    });
    response.end(JSON.stringify({ service: "reports", release, weeks: 52 }));
  });
  return {
    ready: { port: await listenNear(server, 0) },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
});
