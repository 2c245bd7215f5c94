import { z } from "zod";
import { reference } from "../domain/secret-reference.ts";
import type { Use } from "./check.ts";

/** A setting that may be a secret: written out, or a reference that is resolved when it is used. */
export const credential = z.union([z.string().min(1), ...reference.options], {
  error: "Write it out, or as { env: NAME } or { file: path }.",
});
export type Credential = z.infer<typeof credential>;

/** Without the line end that files of secrets usually have. @throws Invalid naming the reference */
export async function reveal(written: Credential, use: Use): Promise<string> {
  return typeof written === "string" ? written : (await use.secret(written)).trim();
}
