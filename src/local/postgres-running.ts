import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { isClaimed } from "./claim.ts";
import { choosePlace } from "./postgres-place.ts";

/** An embedded server as others find it: whether it was ever there, and where it listens while it runs. */
export type Found = { readonly exists: boolean; readonly url: string | null };

export async function findPostgres(dataDir: string, database: string): Promise<Found> {
  const { folder } = await choosePlace(resolve(dataDir));
  const exists = existsSync(join(folder, "cluster"));
  if (!exists || !isClaimed(join(folder, "claim.json"))) return { exists, url: null };
  const password = readFileSync(join(folder, "password"), "utf8").trim();
  const port = readFileSync(join(folder, "cluster", "postmaster.pid"), "utf8")
    .split("\n")[3]
    ?.trim(); // its fourth line, always
  return { exists, url: `postgres://postgres:${password}@127.0.0.1:${port}/${database}` };
}
