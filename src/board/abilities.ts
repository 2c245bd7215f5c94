import { PROVIDERS } from "../providers/index.ts";
import type { About } from "../providers/provider.ts";

/** What Daytwo can do to targets of each kind: one source for help, doctor and documents. */
export type Ability = About & { readonly provider: string };

export function abilities(): Ability[] {
  return PROVIDERS.map(({ name, about }) => ({ provider: name, ...about }));
}
