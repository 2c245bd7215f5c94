import type { App } from "../app.ts";
import type { Change } from "../caller.ts";
import type { Sighting } from "../items/lifecycle.ts";
import type { StoredOperation } from "../store/operations.ts";

/** What an item says that comes of an operation; it answers who asked, and somebody who left does not. */
export function itemFrom(
  app: App,
  change: Change,
  { service, action, environment, requestedBy }: StoredOperation,
): Omit<Sighting, "fingerprint" | "summary"> {
  const isKnown = app.inForce().catalog.people[requestedBy] !== undefined;
  return {
    origin: "operation",
    service,
    responsibility: action === "scale" ? "scaling" : "releases",
    severity: environment === "production" ? "critical" : "warning",
    evidence: {},
    since: change.now,
    ...(isKnown ? { owner: { person: requestedBy }, ownedSince: change.now } : {}),
  };
}
