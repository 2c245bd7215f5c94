import type { Kinds } from "./catalog/kinds.ts";
import { CHECKS } from "./checks/index.ts";
import { PROVIDERS } from "./providers/index.ts";

/** All that a catalog may name: what the reader, which does no I/O itself, has to be told. */
export const KINDS: Kinds = { checks: CHECKS, providers: PROVIDERS };
