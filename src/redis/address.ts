import { Invalid } from "../errors.ts";

/** What `REDIS_URL` means: one endpoint, the primary that sentinels name, or a cluster. */

export type Endpoint = { readonly host: string; readonly port: number };

export type RedisAddress =
  | { readonly kind: "one"; readonly url: string }
  | (Access & {
      readonly kind: "sentinel";
      readonly endpoints: readonly Endpoint[];
      /** The name under which the sentinels know it. */
      readonly primary: string;
      readonly database: number;
      /** The sentinels' own user and password, where they want one. */
      readonly sentinelUser: string | undefined;
      readonly sentinelPassword: string | undefined;
    })
  | (Access & { readonly kind: "cluster"; readonly endpoints: readonly Endpoint[] });

/** How the servers that hold the data are spoken to. */
type Access = { readonly tls: boolean; readonly user: string | undefined; readonly password: string | undefined };

const SENTINEL_PORT = 26_379;
const PORT = 6379;
const ENCODED = "is not a valid URL. Special characters in the password must be percent-encoded (@ is %40).";
const SENTINEL_EXAMPLE = "redis-sentinel://host1:26379,host2:26379/mymaster";
const CLUSTER_EXAMPLE = "redis-cluster://host1:6379,host2:6379";

/** @throws Invalid what is wrong, as the end of a sentence that begins with the setting's name; never with the value. */
export function readRedisAddress(text: string): RedisAddress {
  const [, secure, kind, rest = ""] = /^redis(s?)(?:-(sentinel|cluster))?:\/\/(.+)$/s.exec(text) ?? [];
  if (secure === undefined)
    throw new Invalid(
      "must begin with redis://, rediss://, redis-sentinel:// or redis-cluster://, such as redis://127.0.0.1:6379.",
    );
  if (kind === undefined) return readOne(text);
  const parts = split(rest);
  const access = { tls: secure === "s", ...parts.login };
  return kind === "cluster" ? readCluster(parts, access) : readSentinel(parts, access);
}

function readOne(url: string): RedisAddress {
  const [, login = "", hosts = ""] = /:\/\/(?:([^/?#]*)@)?([^/?#]*)/.exec(url) ?? [];
  if (hosts.includes(","))
    throw new Invalid(
      `names several servers. Write redis-sentinel:// if they are sentinels (${SENTINEL_EXAMPLE}), redis-cluster:// if they are nodes of a cluster.`,
    );
  const parsed = URL.parse(url);
  if (parsed === null) throw new Invalid(ENCODED);
  for (const part of login.split(":")) decoded(part);
  if (!/^(\/\d{0,4})?$/.test(parsed.pathname))
    throw new Invalid("may end with the number of a database and nothing else, such as redis://127.0.0.1:6379/2.");
  return { kind: "one", url };
}

type Parts = {
  readonly login: { readonly user: string | undefined; readonly password: string | undefined };
  readonly hosts: string;
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  readonly fragment: string | undefined;
};

/** `[user:password@]hosts[/path][?query][#fragment]`: with several hosts it is no URL to the standard. */
function split(rest: string): Parts {
  const [, login, hosts = "", path = "", query = "", fragment] =
    /^(?:([^/?#]*)@)?([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s.exec(rest) ?? [];
  if (login === undefined && rest.includes("@")) throw new Invalid(ENCODED);
  const [, user, password] = /^([^:]*)(?::(.*))?$/s.exec(login ?? "") ?? [];
  return {
    login: { user: decoded(user), password: decoded(password) },
    hosts,
    path: path.split("/").flatMap((part) => decoded(part) ?? []),
    query: new URLSearchParams(query.replaceAll("+", "%2B")), // a + in a password is one
    fragment: decoded(fragment),
  };
}

function decoded(part: string | undefined): string | undefined {
  if (part === undefined || part === "") return undefined;
  if (/[@\s]/.test(part)) throw new Invalid(ENCODED);
  try {
    return decodeURIComponent(part);
  } catch {
    throw new Invalid(ENCODED);
  }
}

function readCluster({ hosts, path, query, fragment }: Parts, access: Access): RedisAddress {
  const endpoints = readEndpoints(hosts, PORT, CLUSTER_EXAMPLE);
  if (path.length > 1 || (path[0] ?? "0") !== "0" || fragment !== undefined)
    throw new Invalid(
      `has something after the cluster's hosts. A cluster has no numbered databases: ${CLUSTER_EXAMPLE}.`,
    );
  if (query.size > 0) throw new Invalid("has a ?… at its end, which means nothing here. Leave it out.");
  return { kind: "cluster", endpoints, ...access };
}

const SENTINEL_SETTINGS = ["sentinelUser", "sentinelPassword"];

/** The primary's name is the path's first part, or the fragment, as other clients write it (`…/0#mymaster`). */
function readSentinel({ hosts, path, query, fragment }: Parts, access: Access): RedisAddress {
  const endpoints = readEndpoints(hosts, SENTINEL_PORT, SENTINEL_EXAMPLE);
  const [primary, database = "0", ...more] = fragment === undefined ? path : [fragment, ...path];
  if (primary === undefined)
    throw new Invalid(`lacks the name under which the sentinels know the primary, such as ${SENTINEL_EXAMPLE}.`);
  if (!/^\d{1,4}$/.test(database) || more.length > 0)
    throw new Invalid(`may end with the primary's name and the number of a database: ${SENTINEL_EXAMPLE}/0.`);
  if (![...query.keys()].every((key) => SENTINEL_SETTINGS.includes(key)))
    throw new Invalid(`may have ${SENTINEL_SETTINGS.join(" and ")} after the ?, and nothing else.`);
  return {
    kind: "sentinel",
    endpoints,
    primary,
    database: Number(database),
    sentinelUser: query.get("sentinelUser") ?? undefined,
    sentinelPassword: query.get("sentinelPassword") ?? undefined,
    ...access,
  };
}

function readEndpoints(hosts: string, port: number, example: string): readonly Endpoint[] {
  return hosts.split(",").map((part) => {
    const url = URL.parse(`tcp://${part}`);
    if (url === null || !/^(?:\[[\da-f:.]+\]|[\w.-]+)(?::\d+)?$/i.test(part))
      throw new Invalid(`has a host or port that cannot be right. Hosts have commas between them, as in ${example}.`);
    return { host: url.hostname.replace(/^\[(.*)\]$/, "$1"), port: url.port === "" ? port : Number(url.port) };
  });
}
