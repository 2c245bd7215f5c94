/** What the demo fleet runs: the apps, their process types, their releases and what may be done to them. */

export const ACTIONS = ["scale", "rollback", "restart", "renew-cert", "deploy", "run"] as const;
export type ActionName = (typeof ACTIONS)[number];

export type ProcessType = { readonly min: number; readonly max: number; readonly start: number };

export type Build = {
  readonly release: string;
  readonly by: string;
  readonly summary: string;
};

/** A build that had served already when the fleet started for the first time. */
export type PastBuild = Build & { readonly hoursAgo: number; readonly healthyHours: number };

export type AppDefinition = {
  readonly name: string;
  readonly module: URL;
  /** Where its tasks run. */
  readonly folder: URL;
  readonly processes: Readonly<Record<string, ProcessType>>;
  readonly actions: readonly ActionName[];
  /** Oldest first; the last one is current at first. */
  readonly past: readonly PastBuild[];
  /** Built, but never deployed yet. */
  readonly upcoming: readonly Build[];
};

/** The certificate is for this name, which every machine resolves to itself. */
export const SHOP_NAME = "shop.localhost";

export const BAD_RELEASE = "v142";

export const APPS = {
  shop: {
    name: "shop",
    module: new URL("./shop.ts", import.meta.url),
    folder: new URL("./shop/", import.meta.url),
    processes: { web: { min: 1, max: 8, start: 2 }, worker: { min: 0, max: 4, start: 1 } },
    actions: ACTIONS,
    past: [
      { release: "v140", by: "Eli", summary: "Search in orders", hoursAgo: 264, healthyHours: 192 },
      { release: "v141", by: "Dana", summary: "The list of orders comes in pages", hoursAgo: 72, healthyHours: 72 },
    ],
    upcoming: [{ release: BAD_RELEASE, by: "Dana", summary: "Checkout in one step" }],
  },
  reports: {
    name: "reports",
    module: new URL("./reports.ts", import.meta.url),
    folder: new URL("./", import.meta.url),
    processes: { web: { min: 1, max: 2, start: 1 } },
    actions: ["scale", "restart"],
    past: [{ release: "v7", by: "Robin", summary: "Weekly sales by country", hoursAgo: 960, healthyHours: 950 }],
    upcoming: [],
  },
} as const satisfies Record<string, AppDefinition>;

export type AppName = keyof typeof APPS;
