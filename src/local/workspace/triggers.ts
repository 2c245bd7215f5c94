/** Trigger ids: the right to open one modal within three seconds of what a person did. */

import { randomBytes } from "node:crypto";
import type { Actor } from "./delivery.ts";
import { Refusal } from "./refusal.ts";
import type { Trigger, World } from "./world.ts";

const LIFE_MS = 3000;

export function issueTrigger({ world, userId }: Actor): string {
  const issuedAt = world.clock.now();
  const id = `${Math.floor(issuedAt)}.${world.triggers.size + 1}.${randomBytes(8).toString("hex")}`;
  world.triggers.set(id, { userId, issuedAt, used: false });
  for (const [old, trigger] of world.triggers)
    if (trigger.issuedAt < issuedAt - 100 * LIFE_MS) world.triggers.delete(old);
  return id;
}

export function exchangeTrigger(world: World, id: string): Trigger {
  const trigger = world.triggers.get(id);
  if (trigger === undefined) throw new Refusal("invalid_trigger_id");
  if (trigger.used) throw new Refusal("exchanged_trigger_id");
  if (world.clock.now() > trigger.issuedAt + LIFE_MS) throw new Refusal("expired_trigger_id");
  trigger.used = true;
  return trigger;
}
