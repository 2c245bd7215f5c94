import type { Target } from "../domain/catalog.ts";
import { note, traced, type Facts } from "../telemetry/trace.ts";
import type { Provider } from "./provider.ts";

/** The same provider, of whose calls traces tell: which, on what, and how it ended. */
export function tracedProvider(provider: Provider): Provider {
  function call<T>(verb: string, target: Target, work: () => Promise<T>, ended: (result: T) => Facts): Promise<T> {
    const facts = { "daytwo.provider": provider.name, "daytwo.target": target.key, "daytwo.service": target.service };
    return traced(
      `${provider.name} ${verb}`,
      facts,
      async () => {
        const result = await work();
        note(ended(result));
        return result;
      },
      { kind: "client" },
    );
  }
  return {
    ...provider,
    observe: (target, signal) =>
      call(
        "observe",
        target,
        () => provider.observe(target, signal),
        () => ({}),
      ),
    apply: (target, plan, use) =>
      call(
        "apply",
        target,
        () => provider.apply(target, plan, use),
        ({ kind }) => ({ "daytwo.outcome": kind }),
      ),
    verify: (target, plan, use) =>
      call(
        "verify",
        target,
        () => provider.verify(target, plan, use),
        ({ kind }) => ({ "daytwo.verdict": kind }),
      ),
  };
}
