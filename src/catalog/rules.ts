import type { Service } from "../domain/catalog.ts";
import type { PolicyRule } from "../domain/policy-rule.ts";
import type { Window, WindowKind } from "../domain/window.ts";
import { USUAL_STORM, type StormRule } from "../domain/storm.ts";
import { suggestion } from "./complaints.ts";
import type { Complaints, Path } from "./complaints.ts";
import { FREEZE, MAINTENANCE, POLICY, STORM, WHEN, WHERE } from "./shapes.ts";
import { readMoment, readZone } from "./times.ts";

/** Reads what holds for actions, policies, and in times: in which nothing shall change, and of maintenance. */

type Services = Readonly<Record<string, Service>>;

export function readPolicy(value: unknown, path: Path, services: Services, complaints: Complaints): PolicyRule {
  const written = complaints.parts(POLICY, value, path);
  const { when, expires_after, alone_after, cooldown_up, cooldown_down, ...same } = written;
  if (same.min !== undefined && same.max !== undefined && same.min > same.max) {
    complaints.add([...path, "min"], `\`min\` (${same.min}) is above \`max\` (${same.max}).`);
  }
  return {
    ...same,
    when: readWhen(when, [...path, "when"], services, complaints),
    expiresAfter: expires_after,
    ...(alone_after === undefined ? {} : { aloneAfter: typeof alone_after === "number" ? alone_after : null }),
    cooldownUp: cooldown_up,
    cooldownDown: cooldown_down,
  };
}

/** From how many new items at once one stands for all; nothing where the catalog says nothing. */
export function readStorm(value: unknown, complaints: Complaints): { readonly storm?: StormRule | null } {
  if (value === undefined || value === null) return {};
  const written = complaints.shape(STORM, value, ["storm"]);
  if (written === undefined || written === false || written === "off") return { storm: null };
  return { storm: { items: written.items ?? USUAL_STORM.items, within: written.within ?? USUAL_STORM.within } };
}

const SHAPES = {
  freeze: { whole: FREEZE, when: WHEN },
  maintenance: { whole: MAINTENANCE, when: WHERE },
} as const;

/** One time of a kind; null, and noted, when it cannot be told when it is. */
export function readWindow(
  kind: WindowKind,
  value: unknown,
  path: Path,
  services: Services,
  complaints: Complaints,
): Window | null {
  const before = complaints.list.length;
  const written = complaints.parts(SHAPES[kind].whole, value, path);
  const when = readWhen(written.when, [...path, "when"], services, complaints, SHAPES[kind].when);
  const zone = readZone(written.zone, [...path, "zone"], complaints);
  const from = readMoment(written.from, [...path, "from"], complaints);
  const until = readMoment(written.until, [...path, "until"], complaints);
  if (complaints.list.length > before || from === null || until === null || written.name === undefined) return null;
  if (from.on !== until.on) {
    complaints.add([...path, "until"], "`from` and `until` must both be dates, or both be days of the week.");
    return null;
  }
  if (from.on === "date" && until.on === "date" && `${until.date} ${until.at}` <= `${from.date} ${from.at}`) {
    complaints.add([...path, "until"], "It ends before it begins.", "Let `until` be later than `from`.");
    return null;
  }
  return { name: written.name, when, from, until, zone };
}

function readWhen(
  value: unknown,
  path: Path,
  services: Services,
  complaints: Complaints,
  shape: typeof WHEN | typeof WHERE = WHEN,
): PolicyRule["when"] {
  const when: PolicyRule["when"] = complaints.parts(shape, value ?? {}, path);
  const keys = Object.keys(services);
  if (when.service !== undefined && !keys.includes(when.service)) {
    complaints.add([...path, "service"], `There is no service \`${when.service}\`.`, suggestion(when.service, keys));
  }
  const environments = ["production", ...Object.values(services).map((service) => service.environment)];
  if (when.environment !== undefined && !environments.includes(when.environment)) {
    const hint = suggestion(when.environment, [...new Set(environments)]);
    complaints.add([...path, "environment"], `No service is in the environment \`${when.environment}\`.`, hint);
  }
  return when;
}
