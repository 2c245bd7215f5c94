import { redactedOutside } from "../redaction.ts";
import { networkProblem } from "../checks/network-problem.ts";

/** What comes of one call: it was taken; it is refused and will be again; or nobody knows, and it may be tried again. */
export type Outcome =
  | { readonly kind: "taken"; readonly said: string }
  | { readonly kind: "refused" | "later"; readonly why: string };

export type Posted = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

const PATIENCE = 10_000; // ms that one call may take
const LONGEST = 300; // characters of what a server says that are worth telling

/** One POST. A server that is busy or broken is asked again later; any other refusal stays one. */
export async function post({ url, headers, body }: Posted): Promise<Outcome> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", "user-agent": "daytwo", ...headers },
      body,
      redirect: "manual",
      signal: AbortSignal.timeout(PATIENCE),
    });
    const said = redactedOutside((await response.text()).slice(0, LONGEST))
      .replaceAll(/\s+/g, " ")
      .trim();
    if (response.ok) return { kind: "taken", said: `it answered ${response.status}` };
    const why = `it answered ${response.status}${said === "" ? "" : `: ${said}`}`;
    return { kind: isPassing(response.status) ? "later" : "refused", why };
  } catch (error) {
    return { kind: "later", why: networkProblem(error)?.words ?? "it gave no answer" };
  }
}

function isPassing(status: number): boolean {
  return status === 408 || status === 425 || status === 429 || status >= 500;
}
