import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Target } from "../../src/domain/catalog.ts";
import { aws } from "../../src/providers/aws/index.ts";
import { openAws, type TestAws } from "./aws/index.ts";
import { CLUSTER, REGION } from "./aws/service.ts";
import { makeHome } from "./home.ts";
import { providerDesk, type ProviderDesk } from "./provider-desk.ts";

/** An account and the provider beside it, for what is AWS' own. */
export type Desk = ProviderDesk & {
  readonly account: TestAws;
  readonly home: string;
  /** Comes as a user who may do this, everything by default. */
  as(name: string, actions?: readonly string[]): Promise<void>;
  target(more?: object): Target;
  /** Somebody releases the task definition of this number, and it is rolled out. */
  deploys(number: number): Promise<void>;
  /** What had an effect over there, in order. */
  effects(): string[];
  close(): Promise<void>;
};

export const SERVICE = "shop-web";

/** `names`: the settings that say what a target is; a service of ECS where it is left out. */
export async function openDesk(names: object = { service: SERVICE, cluster: CLUSTER }): Promise<Desk> {
  const home = await makeHome("aws");
  const account = await openAws();

  async function as(name: string, actions?: readonly string[]): Promise<void> {
    const { id, secret } = account.user(name, actions);
    await Promise.all([writeFile(join(home, "id"), id), writeFile(join(home, "secret"), `${secret}\n`)]);
  }
  function target(more: object = {}): Target {
    const keys = { access_key: { file: join(home, "id") }, secret_key: { file: join(home, "secret") } };
    const place = { ...names, region: REGION, endpoint: account.server.url };
    return { key: "shop/web", service: "shop", name: "web", provider: "aws", settings: { ...place, ...keys, ...more } };
  }
  await as("daytwo");
  return {
    ...providerDesk(aws, target),
    account,
    home,
    as,
    target,
    effects: () => account.effects.map(({ action }) => action),
    async deploys(number) {
      account.deploys(SERVICE, number);
      await account.settles();
    },
    async close() {
      await account.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}
