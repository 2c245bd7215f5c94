import type { App } from "./app.ts";

/** Calls to addresses outside that an operator gave us. The log names the host alone: path, query and user are often a secret. */

const PATIENCE = 10_000; // ms that the call may take

/** GET, or POST where there is something to say. Whether it was taken; why not is logged, with `what` as its subject. */
export async function callOutside(app: App, address: string, what: string, body?: object): Promise<boolean> {
  const url = new URL(address);
  const { host } = url;
  try {
    const response = await fetch(withoutUser(url), {
      headers: { ...authority(url), ...(body === undefined ? {} : { "content-type": "application/json" }) },
      ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
      redirect: "error",
      signal: AbortSignal.timeout(PATIENCE),
    });
    await response.body?.cancel();
    if (!response.ok) app.log.warn({ host, status: response.status }, `${what} was not taken`);
    return response.ok;
  } catch (error) {
    app.log.warn({ host, why: because(error) }, `${what} did not get through`);
    return false;
  }
}

/** `fetch` refuses a URL with user and password; they go where such a URL means them to go. */
function authority({ username, password }: URL): Record<string, string> {
  if (username === "" && password === "") return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString("base64")}` };
}

function withoutUser(url: URL): URL {
  const bare = new URL(url);
  bare.username = "";
  bare.password = "";
  return bare;
}

/** The kind of failure; a message may quote the address. */
function because(error: unknown): string {
  const inner = error instanceof Error && error.cause !== undefined ? error.cause : error;
  if (inner instanceof Error && "code" in inner && typeof inner.code === "string") return inner.code;
  return inner instanceof Error ? inner.message.replaceAll(/\S+:\/\/\S+/g, "…") : "no answer";
}
