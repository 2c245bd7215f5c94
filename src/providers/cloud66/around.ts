import { z } from "zod";
import { list, type Settings } from "./api.ts";
import type { Core } from "./see.ts";
import { openSightAround, type Unseen } from "../sight.ts";

/** What else there is to see of a stack: no plan depends on it. */

const notification = z
  .object({ value: z.unknown().optional(), reason: z.string().nullish() })
  .catch({ value: undefined, reason: null });

const server = z.object({
  uid: z.string(),
  name: z.string(),
  server_roles: z.array(z.string()).nullish(),
  health_state: z.int().nullish(),
  /** What Cloud 66 would have somebody know, by what it is about; no shape of it is promised. */
  notifications: z.record(z.string(), notification).nullish().catch(null),
});
export type Server = z.infer<typeof server>;

const NO: readonly unknown[] = [undefined, null, false, 0, "", "0", "false"];

/** Why it needs a reboot, or nothing where Cloud 66 does not say; undefined where it needs none. */
export function whyReboot({ notifications }: Server): string | undefined {
  const found = Object.entries(notifications ?? {}).find(
    ([about, { value }]) => /restart|reboot/i.test(about) && !NO.includes(value),
  );
  return found === undefined ? undefined : (found[1].reason ?? "");
}

const backup = z.object({
  db_type: z.string(),
  database_name: z.string().nullish(),
  backup_date_iso: z.string(),
  backup_status: z.int(),
  verify_status: z.int().nullish(),
});
export type Backup = z.infer<typeof backup>;

const certificate = z.object({
  server_names: z.string().nullish(),
  expires_at: z.string().nullish(),
  /** A number by its older documents and its own command line, a word by its newest: "active", "expired", "pending". */
  status: z.union([z.int(), z.string()]).nullish(),
});
export type Certificate = z.infer<typeof certificate>;

export type Around = {
  readonly servers: readonly Server[];
  /** The newest of each database. */
  readonly backups: readonly Backup[];
  readonly certificates: readonly Certificate[];
  readonly unseen: Unseen;
};
const UNSEEN = {
  servers: "Servers not seen",
  backups: "Backups not seen",
  certificates: "Certificates not seen",
} as const;
const FEW = "few requests are left for this hour";
const NOTHING: Around = {
  servers: [],
  backups: [],
  certificates: [],
  unseen: Object.fromEntries(Object.values(UNSEEN).map((label) => [label, FEW])),
};
const SPARE = 1_000; // requests that are left for what must be seen, and for acting

export async function aroundOf(where: Settings, { left = SPARE }: Core, signal: AbortSignal): Promise<Around> {
  if (left < SPARE) return NOTHING;
  const sees = openSightAround();
  const [servers, backups, certificates] = await Promise.all([
    sees.of(UNSEEN.servers, serversOf(where, signal), []),
    sees.of(UNSEEN.backups, list(where, "/backups", backup, { signal, isEnough: () => true }), []),
    sees.of(UNSEEN.certificates, list(where, "/ssl_certificates", certificate, { signal }), []),
  ]);
  return { servers, backups: newestOfEach(backups), certificates, unseen: sees.unseen };
}

/** @throws Unavailable | Invalid */
export function serversOf(where: Settings, signal: AbortSignal): Promise<Server[]> {
  return list(where, "/servers", server, { signal });
}

function newestOfEach(backups: readonly Backup[]): Backup[] {
  const sorted = backups.toSorted((a, b) => a.backup_date_iso.localeCompare(b.backup_date_iso));
  return [...new Map(sorted.map((each) => [`${each.db_type} ${each.database_name}`, each])).values()];
}
