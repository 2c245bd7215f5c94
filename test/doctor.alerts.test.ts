import { expect, test, vi } from "vitest";
import { readCatalog } from "../src/catalog.ts";
import { examineAlerts } from "../src/cli/doctor/alerts.ts";
import { readConfig } from "../src/config.ts";

/** What `daytwo doctor` says of whoever sends alerts. */

async function said(text: string): Promise<string[]> {
  const read = readCatalog(text, { checks: [], providers: [] });
  const catalog = "catalog" in read ? read.catalog : null;
  const findings = await examineAlerts({ config: readConfig({}), catalog });
  return findings.map(({ verdict, sentence }) => `${verdict}: ${sentence}`);
}

test("a secret that is not there is named with what is not taken for it", async () => {
  const catalog = `
services: { shop: {} }
alerts: { prom: { format: alertmanager, secret: { env: DOCTOR_ALERTS } } }
heartbeats: { nightly: { every: 24h, secret: { file: /no/such/file }, service: shop } }
`;
  expect(await said(catalog)).toEqual([
    "ill: Nothing is taken at /alerts/prom: The environment variable DOCTOR_ALERTS is not set.",
    "ill: Nothing is taken at /heartbeats/nightly: The file /no/such/file cannot be read: there is no such file.",
  ]);
  vi.stubEnv("DOCTOR_ALERTS", "doctor-alerts-5ecret");
  expect(await said(catalog.replace(/^heartbeats.*$/m, ""))).toEqual([
    "well: Whatever sends alerts can prove itself: /alerts/prom.",
  ]);
  const api = 'api: { url: "http://127.0.0.1:9" }';
  expect(
    await said(catalog.replace(/^heartbeats.*$/m, "").replace("DOCTOR_ALERTS }", `DOCTOR_ALERTS }, ${api}`)),
  ).toEqual([
    "well: Whatever sends alerts can prove itself: /alerts/prom.",
    "ill: prom cannot be silenced: The Alertmanager of prom does not answer: connection refused.",
  ]);
  vi.unstubAllEnvs();
  expect(await said("services: {}")).toEqual(["unexamined: The catalog names no sources of alerts and no heartbeats."]);
});
