import { randomBytes } from "node:crypto";
import type { Target } from "../../src/domain/catalog.ts";
import { google } from "../../src/providers/google/index.ts";
import { DATABASE, GROUP, openGoogle, WHERE, type TestGoogle } from "./google/index.ts";
import { providerDesk, type ProviderDesk } from "./provider-desk.ts";

/** Google and the provider beside it, for what is Google's own. */
export type GoogleDesk = ProviderDesk & {
  readonly far: TestGoogle;
  /** Comes with this JSON. */
  as(credentials: string): void;
  target(): Target;
  /** What had an effect over there, in order. */
  effects(): string[];
  close(): Promise<void>;
};

export const ACCOUNT = "daytwo@acme-shop.iam.gserviceaccount.com";

export async function openGoogleDesk(what: "service" | "group" | "database"): Promise<GoogleDesk> {
  const far = await openGoogle();
  const name = `GOOGLE_${randomBytes(4).toString("hex").toUpperCase()}`;

  function as(credentials: string): void {
    process.env[name] = credentials;
  }
  function target(): Target {
    const where = {
      service: { ...WHERE, api: far.server.url },
      group: { ...GROUP, api: far.compute.url },
      database: { ...DATABASE, api: far.sql.url },
    };
    const settings = { ...where[what], credentials: { env: name } };
    return { key: "shop/web", service: "shop", name: "web", provider: "google", settings };
  }
  as(far.account(ACCOUNT));
  const desk = providerDesk(google, target);
  return {
    ...desk,
    far,
    as,
    target,
    effects: () => far.effects.map(({ what }) => what),
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
