import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A supervisor of applications that do what the test says: what the provider `local` observes. */
export type TestSupervisor = {
  readonly url: string;
  /** What it answers about an application from now on. */
  shows(app: string, release: string, web: number, releases?: readonly TestRelease[]): void;
  /** It answers nothing of use until told otherwise. */
  breaks(broken: boolean): void;
  close(): Promise<void>;
};
export type TestRelease = { readonly release: string; readonly by: string; readonly at: Date };

export async function openSupervisor(): Promise<TestSupervisor> {
  const apps = new Map<string, object>();
  let version = 0;
  let broken = false;
  const server = createServer((request, response) => {
    const body = apps.get(request.url?.split("/")[2] ?? "");
    const status = body === undefined ? 404 : 200;
    response.writeHead(broken ? 503 : status, { "content-type": "application/json", connection: "close" });
    response.end(JSON.stringify(body ?? {}));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    shows(app, release, web, releases = []) {
      version += 1;
      apps.set(app, {
        app,
        version,
        actions: [],
        release,
        releases: releases.map((each) => ({
          release: each.release,
          created_at: each.at.toISOString(),
          created_by: each.by,
          summary: "",
          healthy_for_seconds: 0,
        })),
        processes: { web: { wanted: web, running: web, healthy: web, min: 1, max: 9 } },
        url: "http://127.0.0.1/",
        health: "ok",
      });
    },
    breaks(now) {
      broken = now;
    },
    async close() {
      server.close();
      await once(server, "close");
    },
  };
}
