import type { Seed } from "../../src/local/workspace/options.ts";
import type { Site } from "./sites.ts";
import { CHANNEL_NAMES } from "./sites.ts";

/** Who is there, and the catalog that says what they may do. */

/** Ana asks. Ben and Cam decide, and each has a second account; Cam also asks. */
export const PEOPLE = {
  ana: { accounts: ["U0ANA"], role: "operator" },
  ben: { accounts: ["U0BEN", "U0BENTWO"], role: "approver" },
  cam: { accounts: ["U0CAM", "U0CAMTWO"], role: "approver" },
} as const;
export type PersonKey = keyof typeof PEOPLE;

/** Roles that differ from the usual ones. */
export type Standing = Readonly<Partial<Record<PersonKey, "reader" | "operator" | "approver">>>;

export function personOf(account: string): PersonKey | null {
  const found = Object.entries(PEOPLE).find(([, { accounts }]) => (accounts as readonly string[]).includes(account));
  return (found?.[0] as PersonKey | undefined) ?? null;
}

export const peopleOfSlack: Partial<Seed> = {
  people: Object.entries(PEOPLE).flatMap(([name, { accounts }]) =>
    accounts.map((id, index) => ({
      id,
      name: index === 0 ? name : `${name}2`,
      realName: name,
      kind: "member" as const,
      tz: "UTC",
    })),
  ),
  channels: CHANNEL_NAMES.map((name) => ({ name })),
  userGroups: [],
};

/** What every service has, beside its actions: up, anew, and down again. */
export const SEQUENCE = "in-turn";

export function catalogOf(sites: readonly Site[], supervisor: string, standing: Standing): string {
  const people = Object.entries(PEOPLE).map(
    ([key, { accounts, role }]) =>
      `  ${key}: { name: ${key}, slack: [${accounts.join(", ")}], role: ${standing[key as PersonKey] ?? role} }`,
  );
  const policies = sites.map(
    ({ service, approvals }) =>
      `  - { when: { service: ${service} }, approvals: ${approvals}, min: 1, max: 9, cooldown_up: 0s, cooldown_down: 0s }`,
  );
  const services = sites.map(
    ({ service, application, channel }) =>
      `  ${service}:\n    name: ${service}\n    channel: "${channel}"\n    owner: ana\n    targets:\n      web: { provider: local, supervisor: "${supervisor}", application: ${application}, token: { env: CHAOS_TOKEN } }\n    sequences:\n      ${SEQUENCE}: { steps: [{ scale: { web: 4 }, undo: true }, { restart: true }, { scale: { web: 2 } }] }`,
  );
  return ['channel: "#c0"', "people:", ...people, "policies:", ...policies, "services:", ...services, ""].join("\n");
}
