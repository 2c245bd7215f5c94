import { credential } from "../../checks/credential.ts";
import type { CheckSpec } from "../../domain/catalog.ts";
import { readSecret } from "../../secret.ts";
import { because, doubtful, unexamined, well, type Finding, type Patient } from "./finding.ts";

/** Whether Daytwo keeps its rows on a server that it watches: when that one is down, nobody would say so. */
export async function examineOwnDatabase({ config, catalog }: Patient): Promise<readonly Finding[]> {
  if (config.database === "embedded") return [unexamined("The embedded database is nobody else's server.")];
  if (catalog === null) return [unexamined("Without a catalog that can be read, no watched database is known.")];
  const own = serverOf(config.database.url);
  const checks = Object.values(catalog.services).flatMap((service) =>
    service.checks.filter((spec) => spec.check === "postgres"),
  );
  const findings = (await Promise.all(checks.map((spec) => examineOne(spec, own)))).filter((each) => each !== null);
  return findings.length > 0 ? findings : [well("Daytwo's own database is on no server that it watches.")];
}

async function examineOne(spec: CheckSpec, own: string | null): Promise<Finding | null> {
  try {
    const { url } = spec.settings as { url: unknown };
    const written = credential.parse(url);
    const watched = serverOf(typeof written === "string" ? written : (await readSecret(written)).trim());
    if (watched === null || watched !== own) return null;
    return doubtful(
      `Daytwo's own database is on the server that ${spec.key} watches: when it is down, Daytwo cannot say so.`,
      "Move Daytwo's database to another server, or set DAYTWO_HEARTBEAT_URL, so that something outside watches the bot.",
    );
  } catch (error) {
    return doubtful(
      `Where ${spec.key} looks cannot be told: ${because(error)}.`,
      "Set that credential here too, as for the bot.",
    );
  }
}

/** `host:port`, as far as two spellings of one server can be told to be the same without asking anybody. */
function serverOf(address: string): string | null {
  const url = URL.parse(address);
  if (url === null) return null;
  const host = (url.searchParams.get("host") ?? url.hostname).toLowerCase();
  const local = ["localhost", "127.0.0.1", "[::1]", "::1", ""].includes(host);
  return `${local ? "localhost" : host}:${url.port || "5432"}`;
}
