import { z } from "zod";
import { servedAt } from "../serves.ts";

/** What a target's settings say of programs on its host, and of the certificate that some of them renew. */

export const program = z.array(z.string().regex(/^[^\0]+$/, "Write it without NUL.")).min(1);

export const certificate = z
  .strictObject({
    renew: program.describe("The program, by its full path, and its arguments, that renew it."),
    reload: program
      .optional()
      .describe("What makes its server read the new one, once `renew` ended well; where that does not do it itself."),
    address: servedAt.unwrap().describe("Where it is served, such as shop.example.com:443; one address or several."),
  })
  .describe("The certificate that it serves, for renew-cert.");
export type Certificate = z.infer<typeof certificate>;
