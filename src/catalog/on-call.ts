import type { z } from "zod";
import type { Chains, Step } from "../domain/escalation.ts";
import { given } from "../domain/given.ts";
import { FIRST_DAY, type Handover, type Rotation } from "../domain/rotation.ts";
import { isDate } from "../domain/said-time.ts";
import { PAGERDUTY_URL, type Wake } from "../domain/wake.ts";
import { WORKING_HOURS, type WorkingHours } from "../domain/working-hours.ts";
import { suggestion, type Complaints, type Path } from "./complaints.ts";
import { ESCALATION, ROTATION, WAKE, WORKING } from "./on-call-shapes.ts";
import { readDays, readZone, weekdayOf } from "./times.ts";

/** Reads who is on call when, whom an item tells, and how somebody is woken. */

export function readRotation(key: string, value: unknown, people: readonly string[], complaints: Complaints): Rotation {
  const path = ["rotations", key];
  const written = complaints.parts(ROTATION, value ?? {}, path);
  const members = written.members ?? [];
  members.forEach((member, index) => {
    const at = [...path, "members", index];
    if (!people.includes(member)) complaints.add(at, `There is no person \`${member}\`.`, suggestion(member, people));
    else if (members.indexOf(member) < index)
      complaints.add(at, `\`${member}\` is a member twice.`, "Whose turns come more often is said with /day2 oncall.");
  });
  const wake = readWake(written.wake, [...path, "wake"], complaints);
  return {
    key,
    name: written.name ?? key,
    members,
    zone: readZone(written.zone, [...path, "zone"], complaints),
    handover: readHandover(written.handover ?? "mon 09:00", [...path, "handover"], complaints),
    from: readDate(written.from, [...path, "from"], complaints) ?? FIRST_DAY,
    ...given({ channel: written.channel, slackGroup: written.slack_group, wake }),
  };
}

const HANDOVER = /^\s*(?:every\s+(\d{1,2})\s+weeks?\s+)?(?:(daily|every day)|([a-z]{3,9}))?\s*(\d{1,2}:\d\d)\s*$/i;

/** "mon 09:00", "daily 09:00", "every 2 weeks mon 09:00". */
function readHandover(written: string, path: Path, complaints: Complaints): Handover {
  const [, weeks, daily, day, time = ""] = HANDOVER.exec(written) ?? [];
  const at = time.padStart(5, "0");
  const isTime = /^([01]\d|2[0-3]):[0-5]\d$/.test(at);
  if (isTime && daily !== undefined && weeks === undefined) return { every: "day", at };
  const weekday = weekdayOf(day ?? "");
  const every = Number(weeks ?? 1);
  if (isTime && weekday > 0 && every >= 1 && every <= 26) return { every: "week", weeks: every, weekday, at };
  complaints.add(
    path,
    `\`${written}\` does not say when the next one takes over.`,
    "Write it like `mon 09:00`, `daily 09:00` or `every 2 weeks mon 09:00`.",
  );
  return { every: "week", weeks: 1, weekday: 1, at: "09:00" };
}

function readDate(written: string | undefined, path: Path, complaints: Complaints): string | undefined {
  if (written === undefined || isDate(written)) return written;
  complaints.add(path, `\`${written}\` is no date.`, "Write it like 2026-01-05.");
  return undefined;
}

/** Undefined where none is written, and, noted, where it is wrong. */
export function readWake(value: unknown, path: Path, complaints: Complaints): Wake | undefined {
  if (value === undefined || value === null) return undefined;
  const written = complaints.shape(WAKE, value, path);
  if (written === undefined) return undefined;
  if ("pagerduty" in written)
    return {
      kind: "pagerduty",
      routingKey: written.pagerduty.routing_key,
      url: written.pagerduty.url ?? PAGERDUTY_URL,
    };
  if ("webhook" in written) return { kind: "webhook", ...written.webhook };
  const { url, token } = written.ntfy;
  if (typeof url === "string" && !/^https?:\/\/[^/]+\/(?:[^?#]*\/)?[-_A-Za-z0-9]{1,64}$/.test(url)) {
    complaints.add(
      [...path, "ntfy", "url"],
      "`url` must end in the name of a topic, such as https://ntfy.sh/shop-7f3k9.",
    );
    return undefined;
  }
  return { kind: "ntfy", url, ...given({ token }) };
}

/** What is written for a severity; the other keeps what holds around. */
export function readEscalation(value: unknown, path: Path, complaints: Complaints): Partial<Chains> | undefined {
  if (value === undefined || value === null) return undefined;
  const written = complaints.parts(ESCALATION, value, path);
  return given({ critical: written.critical?.map(toStep), warning: written.warning?.map(toStep) });
}

type WrittenStep = NonNullable<z.output<typeof ESCALATION>["critical"]>[number];

function toStep({ tell, after }: WrittenStep): Step {
  return { tell, after: after ?? 0 };
}

export function readWorkingHours(value: unknown, complaints: Complaints): WorkingHours | undefined {
  if (value === undefined || value === null) return undefined;
  const path = ["working_hours"];
  const written = complaints.parts(WORKING, value, path);
  const hours = {
    from: written.from ?? WORKING_HOURS.from,
    until: written.until ?? WORKING_HOURS.until,
    days: readDays(written.days ?? "mon-fri", [...path, "days"], complaints),
    zone: readZone(written.zone, [...path, "zone"], complaints),
  };
  if (hours.until <= hours.from)
    complaints.add([...path, "until"], "They end before they begin.", "Let `until` be later than `from`.");
  return hours;
}
