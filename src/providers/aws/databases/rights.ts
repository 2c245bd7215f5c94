import { z } from "zod";
import type { DatabasePlace } from "../api.ts";
import { databases } from "../client.ts";
import type { Tries } from "../rights.ts";

const found = z.object({ DBInstances: z.tuple([z.object({ DBInstanceArn: z.string() })]) });

/** Asks once for all that looking at a database takes. */
export async function rights({ database: DBInstanceIdentifier }: DatabasePlace, tries: Tries): Promise<void> {
  const own = await tries(
    "rds:DescribeDBInstances",
    "seeing it",
    databases((api) => api.describeDBInstances({ DBInstanceIdentifier })),
  );
  await tries(
    "rds:DescribeDBSnapshots",
    "seeing its snapshots",
    databases((api) => api.describeDBSnapshots({ DBInstanceIdentifier })),
  );
  const ResourceIdentifier = found.safeParse(own).data?.DBInstances[0].DBInstanceArn;
  if (ResourceIdentifier === undefined) return;
  await tries(
    "rds:DescribePendingMaintenanceActions",
    "seeing what RDS has to do to it",
    databases((api) => api.describePendingMaintenanceActions({ ResourceIdentifier })),
  );
}
