/** One application of the far side: what it is, and what asking it for something does. No I/O. */

/** What it offers against doubling. Where it offers nothing, the bot's own care must carry it. */
export type Profile = {
  /** Refuses what was planned on another version. */
  readonly compares: boolean;
  /** A token that it knows has no second effect. */
  readonly knowsTokens: boolean;
  /** ms that an operation takes. */
  readonly works: number;
};

export type FarArguments = {
  readonly sizes?: Readonly<Record<string, number>>;
  readonly release?: string;
  readonly process?: string;
};

type FarOperation = {
  readonly token: string;
  readonly action: string;
  state: "running" | "done";
  version: number;
  readonly progress: { readonly at: string; readonly text: string }[];
};

export type FarApplication = {
  readonly name: string;
  readonly profile: Profile;
  version: number;
  release: string;
  sizes: Readonly<Record<string, number>>;
  readonly operations: FarOperation[];
};

type Asked = {
  readonly token: string;
  readonly action: string;
  readonly arguments: FarArguments;
  readonly if_version: number;
};
export type Begun = {
  readonly kind: "taken" | "refused" | "busy";
  readonly status: number;
  readonly body: object;
};

const RELEASES = ["v3", "v2", "v1"]; // newest first

export function openApplication(name: string, profile: Profile): FarApplication {
  return { name, profile, version: 1, release: "v3", sizes: { web: 2 }, operations: [] };
}

/** Takes effect at once, and works on it for `works` ms; `effect` is called when it does. */
export function begin(application: FarApplication, asked: Asked, works: number, effect: () => void): Begun {
  const { profile, operations } = application;
  const known = operations.find(({ token }) => token === asked.token);
  if (known !== undefined && profile.knowsTokens) return { kind: "taken", status: 200, body: known };
  if (profile.compares && operations.some(({ state }) => state === "running"))
    return { kind: "busy", status: 409, body: { error: "operation_in_progress", message: "One is under way." } };
  if (profile.compares && asked.if_version !== application.version)
    return { kind: "refused", status: 409, body: { error: "version_conflict", message: "It has moved." } };
  change(application, asked);
  effect();
  const operation: FarOperation = {
    token: asked.token,
    action: asked.action,
    state: "running",
    version: application.version,
    progress: [],
  };
  operations.push(operation);
  setTimeout(() => (operation.state = "done"), works).unref();
  return { kind: "taken", status: 202, body: operation };
}

function change(application: FarApplication, asked: Asked): void {
  const { sizes, release } = asked.arguments;
  application.version += 1;
  if (sizes !== undefined) application.sizes = { ...application.sizes, ...sizes };
  if (release !== undefined) application.release = release;
}

/** What is worked on there is done now. */
export function finish({ operations }: FarApplication): void {
  for (const operation of operations) operation.state = "done";
}

/** The newest operation with a token, as the contract shows it. */
export function operationOf(application: FarApplication, token: string): object | null {
  return application.operations.findLast((each) => each.token === token) ?? null;
}

/** The application as the contract shows it. */
export function applicationOf({ name, version, release, sizes }: FarApplication): object {
  return {
    app: name,
    version,
    actions: ["scale", "rollback", "restart"],
    release,
    releases: RELEASES.map((each) => ({
      release: each,
      created_at: new Date(0).toISOString(),
      created_by: "Dana",
      summary: "",
      healthy_for_seconds: 86_400,
    })),
    processes: Object.fromEntries(
      Object.entries(sizes).map(([process, wanted]) => [
        process,
        { wanted, running: wanted, healthy: wanted, min: 1, max: 9 },
      ]),
    ),
    url: "http://127.0.0.1/",
    health: "ok",
  };
}
