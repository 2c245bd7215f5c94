import type { Alert, AlertFormat } from "../domain/alert.ts";
import { readAlertmanager } from "./alertmanager.ts";
import { readCloud66 } from "./cloud66.ts";
import { readCloudwatch } from "./cloudwatch.ts";
import { readDatadog } from "./datadog.ts";
import { readGeneric } from "./generic.ts";
import { readGoogle } from "./google.ts";
import { readGrafana } from "./grafana.ts";
import { readHeroku } from "./heroku.ts";
import { readPagerduty } from "./pagerduty.ts";
import { readSentry } from "./sentry.ts";
import { readUptimeKuma } from "./uptime-kuma.ts";

/** Every format of alerts: the one line to add for a new one. Pure; what a body does not say is not known here either. */

/** @throws Invalid that names the field which is wrong */
export type ReadAlerts = (body: unknown, now: Date) => Alert[];

export const FORMATS: Readonly<Record<AlertFormat, ReadAlerts>> = {
  alertmanager: readAlertmanager,
  grafana: readGrafana,
  cloudwatch: readCloudwatch,
  google: readGoogle,
  datadog: readDatadog,
  sentry: readSentry,
  pagerduty: readPagerduty,
  "uptime-kuma": readUptimeKuma,
  heroku: readHeroku,
  cloud66: readCloud66,
  generic: readGeneric,
};
