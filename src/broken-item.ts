import { subMinutes } from "./domain/time.ts";
import type { App } from "./app.ts";
import { allBroken, told } from "./broken.ts";
import { changeUnasked } from "./caller.ts";
import { changeDue, nameOfItem } from "./due.ts";
import { close, openItem } from "./items/lifecycle.ts";
import type { Broken } from "./memory.ts";
import { lockUnresolved } from "./store/many-items.ts";

/** An item tells of work that keeps breaking: whoever runs Daytwo need not read its log to learn of it. */

const FINGERPRINT = "daytwo/broken";
const TOLD_AFTER = 3; // times in a row: what is well again within a minute is nobody's concern
const OVER_AFTER = 5; // minutes in which nothing broke in any process
const MOST_NAMED = 10;

export async function tellBroken(app: App): Promise<void> {
  const lasting = allBroken(app).filter(({ times }) => times >= TOLD_AFTER);
  if (lasting.some(({ isTold }) => !isTold)) await open(app, lasting);
  for (const each of lasting) told(app, each);
  await changeDue(app, {
    what: "closing what tells of broken work",
    most: 1,
    async rows(db, now) {
      const items = await lockUnresolved(db, [FINGERPRINT]);
      return items.filter(({ lastSeenAt }) => lastSeenAt < subMinutes(now, OVER_AFTER));
    },
    nameOf: nameOfItem,
    work: (change, item) => close(change, item, { by: null, how: `nothing broke for ${OVER_AFTER} minutes` }),
  });
}

async function open(app: App, lasting: readonly Broken[]): Promise<void> {
  const [first] = lasting;
  const more = lasting.length > 1 ? ` and ${lasting.length - 1} more` : "";
  const named = lasting.slice(0, MOST_NAMED).map(({ doing, name, problem }) => [`${doing.what}, ${name}`, problem]);
  await changeUnasked(app, async (change) => {
    // Another process may find something graver broken, and then people are not called again by turns.
    const [before] = await lockUnresolved(change.db, [FINGERPRINT]);
    const isCritical = before?.severity === "critical" || lasting.some(({ doing }) => doing.severity === "critical");
    await openItem(change, app.inForce(), {
      fingerprint: FINGERPRINT,
      origin: "operation",
      service: null,
      responsibility: "on-call",
      severity: isCritical ? "critical" : "warning",
      summary: `Daytwo breaks at ${first?.doing.what} (${first?.name}${more}); it tries again every minute, and all else goes on`,
      evidence: Object.fromEntries(named) as Record<string, string>,
      since: change.now,
    });
  });
}
