import { z } from "zod";
import { account, list } from "./api.ts";
import type { Discovery } from "../provider.ts";

const app = z.object({
  name: z.string(),
  owner: z.object({ email: z.string() }).nullish(),
  team: z.object({ name: z.string() }).nullish(),
});

/** Every app that the account has access to. */
export const discovery: Discovery = {
  place: account,
  async list(where, signal) {
    const as = account.parse(where);
    const { items } = await list(as, "/apps", app, signal);
    return items
      .map(({ name, owner, team }) => ({ name, settings: { app: name, ...as }, owner: team?.name ?? owner?.email }))
      .toSorted((a, b) => a.name.localeCompare(b.name));
  },
  // An app's name is the only one of it that there is.
  isSame: (one, other) => named.parse(one).app === named.parse(other).app,
};

/** Of a target, or of what was found: what Heroku calls it may be no name that the catalog takes. */
const named = z.object({ app: z.string() });
