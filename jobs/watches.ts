import { subSeconds } from "../src/domain/time.ts";
import type { App } from "../src/app.ts";
import { lookedAt, lookSooner } from "../src/checking.ts";
import { canonical } from "../src/domain/canonical.ts";
import type { Catalog, Target } from "../src/domain/catalog.ts";
import { PROVIDERS, providerNamed } from "../src/providers/index.ts";
import { guarded } from "./boundary.ts";

/**
 * Where a system reports trouble by itself, the check that will find it is made due at once. Every worker listens: the
 * first to hear makes the check due, for the others it is due already, and none has to notice that another one has gone.
 */
export type Watches = {
  /** Follows the catalog, and makes due what is in trouble: as often as this is called, a target is looked at at most. */
  round(): Promise<false>;
  close(): Promise<void>;
};

/** The providers whose systems tell. */
const TELLING = new Set(PROVIDERS.filter(({ watch }) => watch !== undefined).map(({ name }) => name));

/** Seconds for which a report keeps its check due: one look is not believed yet, and one may have begun before the trouble. */
const LINGERS = 10;

export function openWatches(app: App): Watches {
  const troubled = new Map<string, Date>();
  let known: Catalog | null = null;
  let followed = "[]";
  let end: () => Promise<unknown> = begin([]);

  function begin(targets: readonly Target[]): () => Promise<unknown> {
    const stop = new AbortController();
    const { signal } = stop;
    const watching = [...Map.groupBy(targets, ({ provider }) => provider)].map(([name, own]) =>
      guarded(app, `watch ${name}`, async () => {
        await providerNamed(name).watch?.(own, {
          signal,
          troubled: ({ key }) => void troubled.set(key, app.now()),
          unheard: (what) => app.log.warn({ provider: name, what }, "cannot watch; it is looked at in its turn"),
        });
      }),
    );
    return () => {
      stop.abort();
      return Promise.all(watching);
    };
  }

  async function follow(catalog: Catalog): Promise<void> {
    if (catalog === known) return;
    const targets = lookedAt(catalog).filter(({ provider }) => TELLING.has(provider));
    const wanted = canonical(targets);
    if (wanted !== followed) {
      await end();
      end = begin(targets);
      followed = wanted;
    }
    known = catalog;
  }

  return {
    async round() {
      await follow(app.inForce().catalog);
      const since = subSeconds(app.now(), LINGERS);
      for (const [target, at] of troubled) if (at < since) troubled.delete(target);
      if (troubled.size > 0) await lookSooner(app, new Set(troubled.keys()));
      return false;
    },
    async close() {
      await end();
    },
  };
}
