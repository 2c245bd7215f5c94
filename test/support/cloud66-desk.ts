import { randomBytes } from "node:crypto";
import type { Target } from "../../src/domain/catalog.ts";
import { cloud66 } from "../../src/providers/cloud66/index.ts";
import { commit, openCloud66, STACK, type TestCloud66 } from "./cloud66/index.ts";
import { providerDesk, type ProviderDesk } from "./provider-desk.ts";

/** A stack of two deployments and the provider beside it, for what is Cloud 66's own. */
export type Desk = ProviderDesk & {
  readonly far: TestCloud66;
  /** Where the catalog says that the token is. */
  readonly token: { readonly env: string };
  /** Comes with this token. */
  as(token: string): void;
  target(other?: object): Target;
  close(): Promise<void>;
};

export async function openDesk(): Promise<Desk> {
  const far = await openCloud66();
  const name = `CLOUD66_${randomBytes(4).toString("hex").toUpperCase()}`;
  function as(token: string): void {
    process.env[name] = token;
  }
  function target(other: object = {}): Target {
    const settings = { stack: STACK, api: far.url, token: { env: name }, ...other };
    return { key: "shop/web", service: "shop", name: "web", provider: "cloud66", settings };
  }
  as(far.user("daytwo@example.com"));
  for (const start of ["aaaa111", "bbbb222"]) await far.deploys(commit(start));
  const desk = providerDesk(cloud66, target);
  return {
    ...desk,
    far,
    token: { env: name },
    as,
    target,
    async does(...asked) {
      const drawn = await desk.does(...asked);
      await far.settles();
      return drawn;
    },
    async close() {
      delete process.env[name];
      await far.close();
    },
  };
}
