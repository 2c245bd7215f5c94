/** A Web API call that Slack answers with `ok: false`. */

import type { Fields } from "../json.ts";

export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: string;
  readonly extra: Fields;

  /** `code` is Slack's word for it; `extra` are further fields of the answer. */
  constructor(code: string, extra: Fields = {}) {
    super(code);
    this.code = code;
    this.extra = extra;
  }
}

/** Arguments that Slack cannot take, each with its reason. */
export function invalidArguments(...messages: string[]): Refusal {
  return new Refusal("invalid_arguments", { response_metadata: { messages } });
}
