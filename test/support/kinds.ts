import { z } from "zod";
import type { Kinds } from "../../src/catalog/kinds.ts";
import { RESPONSIBILITIES } from "../../src/domain/duty.ts";
import { duration } from "../../src/domain/measures.ts";

/** Kinds of checks and providers of every sort that the catalog reader must tell apart. */

export const RULE = { failures: 2, successes: 2 };
export const KINDS: Kinds = {
  checks: [
    {
      name: "http",
      on: "address",
      responsibility: "on-call",
      settings: z.strictObject({ url: z.url(), slow: duration.optional() }),
      every: 10_000,
      rule: RULE,
    },
    {
      name: "certificate",
      on: "address",
      responsibility: "certificates",
      settings: z.strictObject({ address: z.string() }),
      every: 60_000,
      rule: RULE,
    },
    {
      name: "queue",
      on: "target",
      responsibility: "scaling",
      settings: z.strictObject({
        limit: z.int().min(1).default(100),
        token: z.union([z.strictObject({ env: z.string() }), z.strictObject({ file: z.string() })]).optional(),
      }),
      every: 60_000,
      rule: RULE,
    },
    {
      name: "ownership",
      on: "service",
      responsibility: "on-call",
      settings: z.strictObject({ expects: z.array(z.enum(RESPONSIBILITIES)).optional() }),
      every: 300_000,
      rule: { failures: 1, successes: 1 },
    },
  ],
  providers: [
    { name: "local", settings: z.strictObject({ supervisor: z.url() }), actions: ["scale", "run"] },
    { name: "mute", settings: z.strictObject({}), actions: ["scale"] },
  ],
};
