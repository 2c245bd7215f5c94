import { hash } from "node:crypto";
import type { Alert } from "../domain/alert.ts";
import type { AlertSource } from "../domain/alert-source.ts";
import { hashOf } from "../domain/routing.ts";

/** One alert as it came in, and by what it is known: made while others are being written, so that none waits for it. */
export type Received = {
  readonly source: AlertSource;
  readonly fingerprint: string;
  /** Source and fingerprint: by which its row is known. */
  readonly key: string;
  /** A hash of what it says; null for one that is always written. */
  readonly content: string | null;
  readonly alert: Alert;
};

export function receivedOf(source: AlertSource, alert: Alert): Received {
  const fingerprint = hashOf(alert.identity);
  return { source, fingerprint, key: `${source.key}/${fingerprint}`, content: contentOf(alert), alert };
}

/** Only of an alert that fires, and without its end, which moves on with each sending. */
function contentOf(alert: Alert): string | null {
  if (alert.state !== "firing") return null;
  const { severity, name, summary, description, labels, link, startedAt } = alert;
  const said = [severity, name, summary, description, labels, link, startedAt?.getTime()];
  return hash("sha1", JSON.stringify(said), "base64");
}
