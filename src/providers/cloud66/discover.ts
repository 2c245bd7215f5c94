import { z } from "zod";
import { list, settings } from "./api.ts";
import type { Discovery } from "../provider.ts";

/** Every stack that a token sees in an account. */

const place = settings.omit({ stack: true });

const stack = z.object({
  uid: z.string(),
  name: z.string(),
  environment: z.string().nullish(),
  is_cluster: z.boolean().nullish(),
});

export const discovery: Discovery = {
  place,
  async list(where, signal) {
    const there = place.parse(where);
    const stacks = await list(there, "", stack, { signal });
    return (
      stacks
        // A cluster runs other stacks, and nothing of its own.
        .filter((each) => each.is_cluster !== true)
        .map(({ uid, ...each }) => ({ name: nameOf(each), settings: { stack: uid, ...there }, checks: ["updates"] }))
        .toSorted((a, b) => a.name.localeCompare(b.name))
    );
  },
  isSame: (one, other) => named.parse(one).stack === named.parse(other).stack,
};

/** Of a target, or of what was found: what Cloud 66 calls it may be no UID that the catalog takes. */
const named = z.object({ stack: z.string() });

/** The same application in another environment is another service: who may do what there differs. */
function nameOf({ name, environment }: Pick<z.infer<typeof stack>, "name" | "environment">): string {
  return (environment ?? "production") === "production" ? name : `${name}-${environment}`;
}
