import { randomUUID } from "node:crypto";
import { z } from "zod";
import { openJsonServer, type Call, type JsonServer, type Reply } from "./json-server.ts";

/**
 * Grafana's own Alertmanager over HTTP, as far as silences go
 * (https://github.com/grafana/grafana/blob/main/pkg/services/ngalert/api/api_alertmanager.go): it takes only what is written
 * as its API says, from whoever has the token.
 */

export type Grafana = JsonServer & {
  /** What fires, with the labels that Grafana keeps to itself. */
  readonly firing: Readonly<Record<string, string>>[];
  readonly silences: GrafanaSilence[];
  /** How many silences it takes from now on, as a limit may be set. */
  limits(silences: number): void;
};
export type GrafanaSilence = z.output<typeof ASKED> & { readonly id: string; state: "active" | "expired" };

export const GRAFANA_TOKEN = "glsa_0123456789abcdefghijklmnopqrstuv_01234567";

const ASKED = z.strictObject({
  matchers: z
    .array(z.strictObject({ name: z.string().min(1), value: z.string(), isRegex: z.boolean(), isEqual: z.boolean() }))
    .min(1)
    .refine((all) => all.some(({ value }) => value !== "")),
  startsAt: z.iso.datetime(),
  endsAt: z.iso.datetime(),
  createdBy: z.string().min(1),
  comment: z.string().min(1),
});

const PATH = "/api/alertmanager/grafana/api/v2";

export async function openGrafana(): Promise<Grafana> {
  const firing: Readonly<Record<string, string>>[] = [];
  const silences: GrafanaSilence[] = [];
  let most = Number.POSITIVE_INFINITY;

  function answer({ method, url, headers, body }: Call): Reply {
    if (headers.authorization !== `Bearer ${GRAFANA_TOKEN}`) return no(401, "Unauthorized");
    const path = url.pathname;
    if (method === "GET" && path === `${PATH}/silences`)
      return { status: 200, body: silences.map(({ state, ...each }) => ({ ...each, status: { state } })) };
    if (method === "GET" && path === `${PATH}/alerts`)
      return { status: 200, body: firing.filter((labels) => isWanted(labels, url)).map((labels) => ({ labels })) };
    if (method === "POST" && path === `${PATH}/silences`) return create(body, headers["content-type"]);
    const [, id] = /^.*\/silence\/([0-9a-f-]{36})$/.exec(path) ?? [];
    const found = silences.find((each) => each.id === id);
    if (method !== "DELETE" || found === undefined) return no(404, "Not found");
    if (found.state === "expired") return no(500, "silence already expired");
    found.state = "expired";
    return { status: 200, body: { message: "silence deleted" } };
  }
  function create(body: string, type: string | undefined): Reply {
    const asked = ASKED.safeParse(JSON.parse(body));
    if (type !== "application/json" || !asked.success || asked.data.endsAt <= asked.data.startsAt)
      return no(400, "silence failed validation");
    if (silences.length >= most) return no(400, "exceeded maximum number of silences");
    const id = randomUUID();
    silences.push({ ...asked.data, id, state: "active" });
    return { status: 202, body: { silenceID: id } };
  }
  const server = await openJsonServer({
    answer,
    isChange: ({ method }) => method !== "GET",
    says: (status) => ({ message: `said ${status}` }),
  });
  return { ...server, firing, silences, limits: (to) => void (most = to) };
}

function no(status: number, message: string): Reply {
  return { status, body: { message } };
}

function isWanted(labels: Readonly<Record<string, string>>, url: URL): boolean {
  return url.searchParams.getAll("filter").every((filter) => {
    const [, name = "", value = ""] = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"$/.exec(filter) ?? [];
    if (name === "") throw new Error(`bad filter ${filter}`);
    return (
      (labels[name] ?? "") === value.replaceAll(/\\(["\\n])/g, (_all, char: string) => (char === "n" ? "\n" : char))
    );
  });
}
