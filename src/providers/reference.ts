import { z } from "zod";

/** Where a target's credential is; never the credential itself. */
export const reference = z.union(
  [z.strictObject({ env: z.string().min(1) }), z.strictObject({ file: z.string().min(1) })],
  { error: "Write it as { env: NAME } or { file: path }." },
);
