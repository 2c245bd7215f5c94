import type { Service } from "./catalog.ts";

/** An address that somebody asked us in Slack to watch: a service over the catalog, until the file says it itself. */

export type Addition = {
  readonly id: number;
  /** The key of the service that it makes. */
  readonly service: string;
  /** As `readAddress` gives it. */
  readonly url: string;
  /** Person key, or Slack user id of somebody whom the catalog does not know. */
  readonly madeBy: string;
  readonly madeAt: Date;
};

/** What is looked at: the settings of each check, as the catalog would write them. */
export function looksAt(url: string): { http: object; certificate?: { address: string } } {
  const { hostname, port, protocol } = new URL(url);
  const http = { url, follow: true };
  return protocol === "https:" ? { http, certificate: { address: `${hostname}:${port || "443"}` } } : { http };
}

/** What the catalog would have to say to keep it, line by line. */
export function catalogLines({ key, checks }: Pick<Service, "key" | "checks">): string[] {
  const looks = checks.filter(({ on }) => on === "address");
  return [
    "services:",
    `  ${key}:`,
    "    checks:",
    ...looks.map((each) => `      ${each.check}: ${flow(each.settings)}`),
  ];
}

/** What JSON puts into quotes means the same in YAML. */
function flow(settings: unknown): string {
  const parts = Object.entries(settings as object).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
  return `{ ${parts.join(", ")} }`;
}

/** The service that watches an address already, if any. */
export function watcherOf(services: Readonly<Record<string, Service>>, url: string): Service | undefined {
  return Object.values(services).find(({ checks }) =>
    checks.some(
      ({ check, settings }) => check === "http" && addressIn(settings, "url").some((each) => sameAddress(each, url)),
    ),
  );
}

/** Whether what an address serves as its certificate is looked at already. */
export function certificateWatched(services: Readonly<Record<string, Service>>, address: string): boolean {
  return Object.values(services).some(({ checks }) =>
    checks.some(({ check, settings }) => check === "certificate" && addressIn(settings, "address").includes(address)),
  );
}

function addressIn(settings: unknown, name: "url" | "address"): string[] {
  const value =
    typeof settings === "object" && settings !== null ? (settings as Record<string, unknown>)[name] : undefined;
  return [value].flat().filter((each) => typeof each === "string");
}

function sameAddress(one: string, other: string): boolean {
  return URL.parse(one)?.href === URL.parse(other)?.href;
}

const LONGEST_KEY = 40;

/** A key for the service behind an address that is not taken: "shop" for shop.example.com, else the whole name, else numbered. */
export function keyFor(url: string, isTaken: (key: string) => boolean): string {
  const { hostname } = new URL(url);
  const labels = hostname.replace(/^www\./, "").split(".");
  const tries = [...(isNumber(hostname) ? [] : [keyOf(labels[0] ?? "")]), keyOf(hostname)];
  const free = tries.find((key) => !isTaken(key));
  if (free !== undefined) return free;
  const [base = ""] = tries;
  for (let number = 2; ; number += 1) {
    const numbered = `${base.slice(0, LONGEST_KEY - 5)}-${number}`;
    if (!isTaken(numbered)) return numbered;
  }
}

function isNumber(hostname: string): boolean {
  return /^[\d.]+$|^\[/.test(hostname);
}

function keyOf(name: string): string {
  const letters = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "");
  return (/^[a-z]/.test(letters) ? letters : `at-${letters}`).slice(0, LONGEST_KEY).replace(/-$/, "");
}
