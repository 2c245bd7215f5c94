import { z } from "zod";
import { canonical } from "../domain/canonical.ts";
import type { AlertSource } from "../domain/alert-source.ts";
import { hashOf } from "../domain/routing.ts";
import { canSilence, type Matchers, type SilenceableFormat } from "../domain/silence.ts";
import { Invalid } from "../errors.ts";
import { redacted, redactedOutside, keepSecret } from "../redaction.ts";
import { identityOf, texts } from "../alert-formats/read.ts";
import { ask, complaintOf, complaintOfSilence, type Answer, type System } from "../providers/http-json.ts";
import { readSecret } from "../secret.ts";

/**
 * The API v2 of Alertmanager, which Grafana has too: silences, and which alerts fire
 * (https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml). Everything throws Invalid where the source
 * refuses and will do so again, and Unavailable where it may do it later; nothing is tried again here.
 */
export type SilenceApi = {
  /** The silences whose comment has this token, also those that have ended. */
  standing(token: string): Promise<readonly Standing[]>;
  silence(asked: Asked): Promise<void>;
  /** Ends one; it must not have ended yet. */
  end(id: string): Promise<void>;
  /** Fingerprints of the alerts that fire, silenced or not, and that any of these mean. */
  firing(sets: readonly Matchers[]): Promise<ReadonlySet<string>>;
  /** When it was begun anew after these, and had forgotten what fires; null where it was not. */
  begunAfter(standing: readonly Standing[]): Promise<Date | null>;
};

export type Standing = {
  readonly id: string;
  readonly isOver: boolean;
  /** By its own clock. */
  readonly startsAt: Date;
  readonly matchers: string;
};
export type Asked = {
  readonly matchers: Matchers;
  readonly startsAt: Date;
  readonly endsAt: Date;
  readonly by: string;
  readonly comment: string;
};

const KINDS: Readonly<Record<SilenceableFormat, { readonly name: string; readonly path: string }>> = {
  alertmanager: { name: "Alertmanager", path: "api/v2/" },
  grafana: { name: "Grafana", path: "api/alertmanager/grafana/api/v2/" },
};

const MOMENT = z.iso.datetime({ offset: true });
const SILENCES = z.array(
  z.object({
    id: z.string(),
    comment: z.string(),
    status: z.object({ state: z.string() }),
    startsAt: MOMENT,
    matchers: z.array(z.object({ name: z.string(), value: z.string() })),
  }),
);
const ALERTS = z.array(z.object({ labels: texts }));
const STATUS = z.object({ uptime: MOMENT });

/** Opens what the catalog has of a source; `signal` ends all that is asked of it. @throws Invalid where it has nothing, or its credential cannot be read */
export async function openSilenceApi(
  source: Pick<AlertSource, "key" | "format" | "api">,
  signal: AbortSignal,
): Promise<SilenceApi> {
  const { format } = source;
  const { change, look } = await openCalls(source, signal);
  return {
    async standing(token) {
      const all = await look("silences", SILENCES);
      return all
        .filter(({ comment }) => comment.includes(token))
        .map(({ id, status, startsAt, matchers }) => ({
          id,
          isOver: status.state === "expired",
          startsAt: new Date(startsAt),
          matchers: canonical(Object.fromEntries(matchers.map((each) => [each.name, each.value]))),
        }));
    },
    silence({ matchers, startsAt, endsAt, by, comment }) {
      const all = Object.entries(matchers).map(([name, value]) => ({ name, value, isRegex: false, isEqual: true }));
      return change("POST", "silences", { matchers: all, startsAt, endsAt, createdBy: by, comment });
    },
    end: (id) => change("DELETE", `silence/${encodeURIComponent(id)}`),
    async firing(sets) {
      const fingerprints = new Set<string>();
      for (const matchers of sets) {
        const found = await look(`alerts?${filterOf(matchers)}`, ALERTS);
        for (const { labels } of found) fingerprints.add(fingerprintOf(format, labels));
      }
      return fingerprints;
    },
    async begunAfter(standing) {
      if (format !== "alertmanager") return null; // Grafana keeps in its database what fires
      const status = await look("status", STATUS).catch((error: unknown) => {
        if (error instanceof Invalid) return null; // whatever stands before it may not let everybody see that
        throw error;
      });
      const begun = new Date(status?.uptime ?? 0);
      return standing.some(({ startsAt }) => startsAt < begun) ? begun : null;
    },
  };
}

type Calls = {
  change(method: "POST" | "DELETE", where: string, body?: unknown): Promise<void>;
  look<Schema extends z.ZodType>(where: string, schema: Schema): Promise<z.output<Schema>>;
};

async function openCalls(
  { key, format, api }: Pick<AlertSource, "key" | "format" | "api">,
  signal: AbortSignal,
): Promise<Calls> {
  if (api === undefined || !canSilence(format))
    throw new Invalid(`The catalog has no \`api\` for \`alerts.${key}\` any more.`);
  const { name, path } = KINDS[format];
  const system: System = { name: `the ${name} of ${key}`, says };
  const base = new URL(path, api.url.endsWith("/") ? api.url : `${api.url}/`);
  const headers = await authority(api);

  async function call(method: string, where: string, body?: unknown): Promise<Answer> {
    const answer = await ask({ method, url: new URL(where, base), headers, body }, signal).catch((error: unknown) => {
      throw complaintOfSilence(error, system);
    });
    if (answer.status >= 300 && answer.status < 400)
      throw elsewhere(`answered ${answer.status}, which leads elsewhere`);
    // What it answers to a change may be nothing at all.
    const complaint = answer.status < 300 ? null : complaintOf(answer, system);
    if (complaint !== null) throw complaint;
    return answer;
  }
  function elsewhere(what: string): Invalid {
    return new Invalid(`The ${name} of ${key} ${what}: see whether \`url\` of its \`api\` is right.`);
  }
  return {
    change: async (method, where, body) => void (await call(method, where, body)),
    async look(where, schema) {
      const read = schema.safeParse((await call("GET", where)).body);
      if (!read.success) throw elsewhere("gave an answer that is none of its API");
      return read.data;
    },
  };
}

async function authority({ user, credential }: NonNullable<AlertSource["api"]>): Promise<Record<string, string>> {
  if (credential === undefined) return {};
  const secret = (await readSecret(credential)).trim();
  if (user === undefined) return { authorization: `Bearer ${secret}` };
  const pair = Buffer.from(`${user}:${secret}`).toString("base64");
  keepSecret(pair);
  return { authorization: `Basic ${pair}` };
}

/** What it says is wrong: Alertmanager as bare text or as a message, Grafana as a message. */
function says(body: unknown): string | undefined {
  const said = typeof body === "object" && body !== null && "message" in body ? body.message : body;
  return typeof said === "string" && said.trim() !== "" ? redactedOutside(said.slice(0, 300)).trim() : undefined;
}

/** Labels that can stand in a filter as they are; one that cannot is left out, and more is found than is meant. */
const PLAIN = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

function filterOf(matchers: Matchers): string {
  const plain = Object.entries(matchers).filter(([label]) => PLAIN.test(label));
  const filters = plain.map(([label, value]): [string, string] => ["filter", `${label}="${escaped(value)}"`]);
  return new URLSearchParams(filters).toString();
}

function escaped(value: string): string {
  return value.replaceAll(/[\\"]/g, String.raw`\$&`).replaceAll("\n", String.raw`\n`);
}

/** As the same alert has it that the source sends; Grafana sends no labels that are its own business. */
function fingerprintOf(format: AlertSource["format"], labels: Readonly<Record<string, string>>): string {
  const sent = Object.entries(labels).filter(([label]) => format !== "grafana" || !/^__.*__$/.test(label));
  return hashOf(redacted(identityOf(Object.fromEntries(sent))));
}
