import { dirname } from "node:path";
import type { RequestOptions } from "node:https";
import type { KubeConfig } from "@kubernetes/client-node/dist/config.js";
import { canonical } from "../../domain/canonical.ts";
import { given } from "../../domain/given.ts";
import { Expected, Invalid } from "../../errors.ts";
import { keepSecret } from "../../redaction.ts";
import { readReference } from "../../secret.ts";
import type { Cluster } from "./settings.ts";

/** The kubeconfig: which server a cluster is, and who we are there. */

type Known = { readonly config: KubeConfig; forget(): void };
/** The last configuration of each place. It keeps connections, and tokens that a program handed out, for as long as it says the same. */
const known = new Map<string, { readonly said: string; readonly config: KubeConfig }>();

export async function configOf(where: Cluster): Promise<Known> {
  const { kubeconfig = null, context = null } = where;
  const place = canonical({ kubeconfig, context });
  const fresh = await read(where);
  const said = fresh.exportConfig();
  const last = known.get(place);
  const config = last?.said === said ? last.config : fresh;
  known.set(place, { said, config });
  return { config, forget: () => void known.delete(place) };
}

const NOWHERE = "http://localhost:8080"; // where the client looks when it has found nothing at all

async function read({ kubeconfig, context }: Cluster): Promise<KubeConfig> {
  const text = kubeconfig === undefined ? null : await readReference(kubeconfig);
  // A second and more to load: only for whoever has a target there.
  const { KubeConfig } = await import("@kubernetes/client-node/dist/config.js");
  const config = new KubeConfig();
  try {
    if (text === null) config.loadFromDefault();
    else config.loadFromString(text);
  } catch {
    // What it says may quote the file.
    throw new Invalid("The kubeconfig cannot be read.", { hint: "`kubectl config view` says what is wrong with it." });
  }
  if (kubeconfig !== undefined && "file" in kubeconfig) config.makePathsAbsolute(dirname(kubeconfig.file));
  if (config.getCurrentCluster()?.server === NOWHERE && config.getCurrentUser()?.name === "user")
    throw new Invalid("There is no kubeconfig here, and no token of a pod's account.", {
      hint: "Set KUBECONFIG, or name the file as `kubeconfig: { file: … }` in the target; a pod takes `automountServiceAccountToken: true`.",
    });
  if (context !== undefined) choose(config, context);
  refuseInTheClear(config);
  return config;
}

/** @throws Invalid */
function choose(config: KubeConfig, context: string): void {
  const there = config.getContexts().map((each) => each.name);
  if (!there.includes(context))
    throw new Invalid(`The kubeconfig has no context called ${context}.`, { hint: `There is ${there.join(", ")}.` });
  config.setCurrentContext(context);
}

/** As of `kubectl proxy`: what stays on this machine nobody reads along. */
const NEAR = /^http:\/\/(localhost|127(\.\d+){3}|\[::1\])(:|\/|$)/i;

/** The client takes no http:// without a word for it. @throws Invalid */
function refuseInTheClear(config: KubeConfig): void {
  config.clusters = config.clusters.map((each) => (NEAR.test(each.server) ? { ...each, skipTLSVerify: true } : each));
  const { server = "", skipTLSVerify = false } = config.getCurrentCluster() ?? {};
  if (!/^http:/i.test(server) || skipTLSVerify) return;
  throw new Invalid("The kubeconfig names an http:// server, to which credentials would go in the clear.", {
    hint: "Write https://, or `insecure-skip-tls-verify: true` beside it where nobody on the way can read along.",
  });
}

type Credentials = Pick<RequestOptions, "agent" | "ca" | "cert" | "key" | "rejectUnauthorized" | "servername"> & {
  headers?: Record<string, string>;
};

/** @throws Invalid when no credentials can be had */
export async function credentialsOf(config: KubeConfig): Promise<Credentials> {
  const options: RequestOptions = {};
  try {
    await config.applyToHTTPSOptions(options);
  } catch (cause) {
    if (cause instanceof Expected) throw cause;
    throw new Invalid("The credentials for the cluster could not be had.", {
      cause,
      hint: "`kubectl auth whoami` with the same kubeconfig says why.",
    });
  }
  const { agent, ca, cert, key, rejectUnauthorized, servername, auth } = options;
  const headers = { ...(options.headers as Record<string, string> | undefined) };
  if (typeof auth === "string") headers["Authorization"] = `Basic ${Buffer.from(auth).toString("base64")}`;
  for (const secret of [headers["Authorization"], config.getCurrentUser()?.password, key]) keepSecret(textOf(secret));
  return { ...given({ agent, ca, cert, key, rejectUnauthorized, servername }), headers };
}

function textOf(secret: unknown): string | undefined {
  if (Buffer.isBuffer(secret)) return secret.toString("utf8");
  return typeof secret === "string" ? secret : undefined;
}
