import { Conflict } from "../../../src/errors.ts";
import { own } from "../../../src/items.ts";
import { openAppAlone } from "../../support/app-alone.ts";
import { whenAsked } from "./asked.ts";

/** Daytwo's own door, as a press of *Take it* calls it: by so many people at once for each item. */
const { DATABASE_URL = "", REDIS_URL = "", SLACK_API_URL = "", OWNERS = "", ITEMS = "" } = process.env;
const slack = { botToken: "xoxb-bench", apiUrl: SLACK_API_URL };
const app = await openAppAlone(DATABASE_URL, slack, { redisUrl: REDIS_URL, logLevel: "error" });

async function claim(item: number, n: number): Promise<boolean> {
  const account = `U0N${n}`;
  const kind = "member" as const;
  const who = { person: null, account, team: "T0LOCAL", kind, role: null, services: {}, name: `Owner ${n}` };
  try {
    await own(app, { actor: who, surface: "button", request: null }, item);
    return true;
  } catch (error) {
    if (error instanceof Conflict) return false;
    throw error;
  }
}

whenAsked(async () => {
  const began = performance.now();
  let won = 0;
  for (let item = 1; item <= Number(ITEMS); item += 1) {
    const owners = Array.from({ length: Number(OWNERS) }, (_, n) => claim(item, n));
    won += (await Promise.all(owners)).filter(Boolean).length;
  }
  return { took: performance.now() - began, won };
});
