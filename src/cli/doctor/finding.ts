import type { Config } from "../../config.ts";
import type { Catalog } from "../../domain/catalog.ts";
import { networkProblem } from "../../checks/network-problem.ts";
import { Expected } from "../../errors.ts";
import { SlackLimited, SlackRefused, SlackSilent } from "../../slack-client.ts";

/** What one examination has to say. `unexamined` is neither good nor bad: there was nothing to look at, or no way to. */
export type Verdict = "well" | "doubtful" | "ill" | "unexamined";

export type Finding = {
  readonly verdict: Verdict;
  readonly sentence: string;
  /** The next step, where there is one. */
  readonly next?: string | undefined;
};

/** What every examination may look at. */
export type Patient = {
  readonly config: Config;
  /** Null where there is none that can be used: another line says so. */
  readonly catalog: Catalog | null;
};

/** Examines one thing and changes nothing. @throws anything: it becomes a line of its own. */
export type Examine = (patient: Patient, signal: AbortSignal) => Promise<readonly Finding[]>;

export function well(sentence: string): Finding {
  return { verdict: "well", sentence };
}

export function doubtful(sentence: string, next: string): Finding {
  return { verdict: "doubtful", sentence, next };
}

export function ill(sentence: string, next: string | undefined): Finding {
  return { verdict: "ill", sentence, next };
}

export function unexamined(sentence: string, next?: string): Finding {
  return { verdict: "unexamined", sentence, next };
}

/** Why something failed, in words that hold no address, password or token. */
export function because(error: unknown): string {
  if (error instanceof Expected) return error.message.replace(/\.$/, "");
  if (error instanceof SlackRefused) return `Slack answers ${error.error}`;
  if (error instanceof SlackLimited) return "Slack asks to wait, because too much was asked of it";
  const network = networkProblem(error);
  if (network !== undefined) return network.words;
  if (error instanceof SlackSilent) return "Slack gave no answer that can be understood";
  const code = error instanceof Error && "code" in error ? ` (${String(error.code)})` : "";
  return `it failed in a way that Daytwo does not know${code}`;
}
