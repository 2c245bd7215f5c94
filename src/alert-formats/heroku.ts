import { z } from "zod";
import type { Alert } from "../domain/alert.ts";
import { alertOf, instant, labelsOf, maybe, read } from "./read.ts";

/**
 * Heroku's app webhooks (https://devcenter.heroku.com/articles/app-webhooks-schema): a dyno that crashed and its return, a
 * release or a build that failed and the next one that did not. Everything else that Heroku tells is taken and opens
 * nothing.
 */

/** Who runs a program by hand sees how it ends. */
const BY_HAND = "run:attached";

const BODY = z.object({
  resource: z.string(),
  action: maybe,
  created_at: instant.catch(null),
  data: z.record(z.string(), z.unknown()),
});

const DATA = z.object({
  name: maybe,
  state: maybe,
  status: maybe,
  version: maybe,
  description: maybe,
  exit_status: maybe,
  type: maybe,
  management: maybe,
  app: z.object({ name: maybe }).nullish().catch(null),
});
type Data = z.output<typeof DATA>;

type Said = Pick<Alert, "state" | "name" | "summary" | "severity"> & { readonly about: string };

const TELLS: Readonly<Record<string, ((data: Data, app: string) => Said | null) | undefined>> = {
  dyno: ({ name = "dyno", state, exit_status: exit, ...of }, app) => {
    const management = of.management ?? (of.type === "run" ? BY_HAND : "");
    if ((state !== "crashed" && state !== "up") || management === BY_HAND) return null;
    // web.1 comes back as web.1. A job that ran once does not, nor does what Fir names anew each time (web-12a34bcd56-7efgh).
    const returns = /\.\d+$/.test(name) && !management.startsWith("run:");
    if (!returns && state === "up") return null;
    const how = exit === undefined ? "" : ` with status ${exit}`;
    const summary = `${name} of ${app} crashed${how}`;
    return {
      about: `dyno/${name}`,
      name: "dyno crashed",
      summary,
      severity: "critical",
      state: returns ? stateOf(state === "up") : "told",
    };
  },
  release: ({ version = "", status, description }, app) => {
    if (status !== "failed" && status !== "expired" && status !== "succeeded") return null;
    const what = description === undefined ? "" : `: ${description}`;
    const summary = `release v${version.replace(/^v/, "")} of ${app} failed${what}`;
    return {
      about: "release",
      name: "release failed",
      summary,
      severity: "critical",
      state: stateOf(status === "succeeded"),
    };
  },
  build: ({ status }, app) => {
    if (status !== "failed" && status !== "succeeded") return null;
    const summary = `a build of ${app} failed`;
    return {
      about: "build",
      name: "build failed",
      summary,
      severity: "warning",
      state: stateOf(status === "succeeded"),
    };
  },
};

function stateOf(isOver: boolean): Alert["state"] {
  return isOver ? "resolved" : "firing";
}

export function readHeroku(body: unknown): Alert[] {
  const sent = read(BODY, body);
  const tell = Object.hasOwn(TELLS, sent.resource) ? TELLS[sent.resource] : undefined;
  if (tell === undefined) return [];
  const data = read(DATA, sent.data, "data");
  const app = data.app?.name ?? "an app";
  const said = tell(data, app);
  if (said === null) return [];
  const { about, ...alert } = said;
  const link =
    data.app?.name === undefined ? null : `https://dashboard.heroku.com/apps/${encodeURIComponent(app.toWellFormed())}`;
  return [
    alertOf({
      ...alert,
      identity: `${app}/${about}`,
      labels: labelsOf({
        app: data.app?.name,
        process: data.type,
        dyno: sent.resource === "dyno" ? data.name : undefined,
      }),
      startedAt: sent.created_at,
      link,
    }),
  ];
}
