import { register } from "../handlers/index.ts";
import { listen, type Listening } from "../handlers/http.ts";
import { httpEntrance, socketEntrance } from "../handlers/receiver.ts";
import { startReplays } from "../handlers/replays.ts";
import { startWorkers } from "../jobs/index.ts";
import { openApp, type App, type Opening } from "./app.ts";
import { followCatalogFile } from "./in-force/follow.ts";
import type { PortConfig, Roles } from "./config/readers.ts";
import { keepSecret } from "./redaction.ts";
import type { Sns } from "./alerts/sns.ts";
import { beginTour } from "./tour.ts";

export type BotOptions = {
  readonly opening: Opening;
  readonly slack:
    | { readonly mode: "socket"; readonly appToken: string }
    | { readonly mode: "http"; readonly signingSecret: string };
  /** Path of the catalog; null = an empty one. */
  readonly catalog: string | null;
  readonly roles: Roles;
  readonly port: PortConfig;
  readonly host: string;
  /** The token that opens the view of the queues; absent: there is no view. */
  readonly queuesToken?: string;
  /** Tests have their own Amazon SNS. */
  readonly sns?: Sns;
};

export type Bot = { readonly app: App; readonly http: Listening; idle(): Promise<void>; close(): Promise<void> };

/** Opens the whole bot in order; `close` closes it in the reverse order. */
export async function openBot(options: BotOptions): Promise<Bot> {
  const { slack, queuesToken } = options;
  keepSecret(slack.mode === "http" ? slack.signingSecret : slack.appToken);
  keepSecret(queuesToken);
  const app = await openApp(options.opening);
  const undo: (() => Promise<unknown>)[] = [() => app.close()];
  try {
    undo.unshift(await followCatalogFile(app, options.catalog));
    await beginTour(app);
    const { apiUrl } = options.opening.slack;
    const entrance =
      slack.mode === "http" ? httpEntrance(app, slack.signingSecret) : socketEntrance(app, slack.appToken, apiUrl);
    const bolt = register(app, entrance, apiUrl);
    const http = await listen(app, entrance, options.port, options.host, { queuesToken, sns: options.sns });
    undo.unshift(() => http.close());
    if (options.roles.worker) undo.unshift(await startWorkers(app));
    if (options.roles.web) {
      undo.unshift(() => bolt.stop());
      await bolt.start();
      undo.unshift(startReplays(app, entrance.intake()));
    }
    return { app, http, idle: () => entrance.intake().idle(), close: () => inOrder(undo) };
  } catch (error) {
    await inOrder(undo).catch((err: unknown) => app.log.warn({ err }, "what was opened could not all be closed"));
    throw error;
  }
}

async function inOrder(steps: (() => Promise<unknown>)[]): Promise<void> {
  for (const step of steps.splice(0)) await step();
}
