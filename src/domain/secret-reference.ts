import { z } from "zod";

/** The place of a credential; never the credential. */
export type Reference = { readonly env: string } | { readonly file: string };

/** The same as people write it. */
export const reference = z.union(
  [z.strictObject({ env: z.string().min(1) }), z.strictObject({ file: z.string().min(1) })],
  { error: "must be a reference: { env: NAME } or { file: path }" },
);
