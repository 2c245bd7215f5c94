import { describe, expect, test } from "vitest";
import { awayStatusIn } from "../src/domain/away-status.ts";
import { stepAt, CHAINS, dueOf, nextTelling, whomToTell, type Responders } from "../src/domain/escalation.ts";
import {
  absenceOf,
  onCallAt,
  othersAt,
  turnAt,
  type Rotation,
  type Staff,
  type Standin,
} from "../src/domain/rotation.ts";
import { WORKING_HOURS, workingFrom } from "../src/domain/working-hours.ts";
import { seeded } from "./chaos/random.ts";

/** Who is on call, by the clocks of a zone, whatever was said over the plan; and whom an item tells. */

const WEB: Rotation = {
  key: "web",
  name: "Web",
  members: ["ana", "ben", "cho"],
  zone: "Europe/Paris",
  handover: { every: "week", weeks: 1, weekday: 1, at: "09:00" },
  from: "2026-01-05",
};
const EVERYBODY: Staff = { has: () => true, standins: [] };

function at(iso: string): Date {
  return new Date(iso);
}

function standin(said: Partial<Standin> & Pick<Standin, "kind" | "person">): Standin {
  return {
    id: 1,
    rotation: said.kind === "cover" ? "web" : null,
    covering: null,
    startsAt: at("2026-01-01T00:00Z"),
    endsAt: at("2026-12-31T00:00Z"),
    madeBy: "ana",
    ...said,
  };
}

describe("by the plan", () => {
  test.each([
    ["2026-01-05T07:59:59Z", "cho"],
    ["2026-01-05T08:00:00Z", "ana"],
    ["2026-01-12T08:00:00Z", "ben"],
    ["2026-01-19T08:00:00Z", "cho"],
    // Summer time begins on 29 March: 09:00 in Paris is 07:00 UTC from then on.
    ["2026-03-30T06:59:59Z", "cho"],
    ["2026-03-30T07:00:00Z", "ana"],
    ["2026-10-26T07:59:59Z", "cho"],
    ["2026-10-26T08:00:00Z", "ana"],
  ])("at %s it is %s", (instant, person) => {
    expect(onCallAt(WEB, EVERYBODY, at(instant))).toBe(person);
  });

  test("a turn says its end and who follows", () => {
    expect(turnAt(WEB, EVERYBODY, at("2026-03-28T12:00Z"))).toMatchObject({
      person: "cho",
      until: at("2026-03-30T07:00:00Z"),
      next: "ana",
      standin: null,
    });
  });

  test("daily, every two weeks, and alone", () => {
    const daily: Rotation = { ...WEB, handover: { every: "day", at: "02:30" } };
    // 02:30 does not exist on 29 March: the hand-over is at the moment of the jump.
    expect(turnAt(daily, EVERYBODY, at("2026-03-28T12:00Z")).until).toEqual(at("2026-03-29T01:00:00Z"));
    const fortnight: Rotation = { ...WEB, handover: { every: "week", weeks: 2, weekday: 3, at: "18:00" } };
    expect(turnAt(fortnight, EVERYBODY, at("2026-01-08T12:00Z"))).toMatchObject({
      person: "ana",
      until: at("2026-01-21T17:00:00Z"),
      next: "ben",
    });
    expect(turnAt({ ...WEB, members: ["ana"] }, EVERYBODY, at("2026-01-08T12:00Z"))).toMatchObject({
      person: "ana",
      until: null,
      next: null,
    });
  });

  test("whoever left is passed over, and nobody is on call for nobody", () => {
    const staff: Staff = { has: (person) => person !== "ben", standins: [] };
    expect(onCallAt(WEB, staff, at("2026-01-14T12:00Z"))).toBe("cho");
    expect(turnAt(WEB, staff, at("2026-01-14T12:00Z"))).toMatchObject({
      until: at("2026-01-26T08:00:00Z"),
      next: "ana",
    });
    expect(turnAt(WEB, { has: () => false, standins: [] }, at("2026-01-14T12:00Z"))).toMatchObject({ person: null });
  });
});

describe("over the plan", () => {
  test("who covers is on call until the end, and then the plan holds again", () => {
    const cover = standin({
      kind: "cover",
      person: "cho",
      startsAt: at("2026-01-06T10:00Z"),
      endsAt: at("2026-01-08T10:00Z"),
    });
    const staff: Staff = { ...EVERYBODY, standins: [cover] };
    expect(turnAt(WEB, staff, at("2026-01-05T12:00Z"))).toMatchObject({
      person: "ana",
      until: cover.startsAt,
      next: "cho",
    });
    expect(turnAt(WEB, staff, at("2026-01-07T12:00Z"))).toMatchObject({
      person: "cho",
      until: cover.endsAt,
      next: "ana",
      standin: cover,
      planned: "ana",
    });
  });

  test("who covers somebody takes their turns alone", () => {
    const staff: Staff = { ...EVERYBODY, standins: [standin({ kind: "cover", person: "cho", covering: "ben" })] };
    expect(onCallAt(WEB, staff, at("2026-01-07T12:00Z"))).toBe("ana");
    expect(onCallAt(WEB, staff, at("2026-01-14T12:00Z"))).toBe("cho");
  });

  test("who is away is passed over, also as the one who covers", () => {
    const away = standin({ kind: "away", person: "ana", endsAt: at("2026-01-09T00:00Z") });
    const staff: Staff = { ...EVERYBODY, standins: [standin({ kind: "cover", person: "ana" }), away] };
    expect(turnAt(WEB, staff, at("2026-01-07T12:00Z"))).toMatchObject({
      person: "ben",
      until: away.endsAt,
      next: "ana",
    });
    expect(absenceOf(staff, "ana", at("2026-01-07T12:00Z"))).toEqual(away.endsAt);
    expect(absenceOf(staff, "ben", at("2026-01-07T12:00Z"))).toBe(null);
    expect(othersAt(WEB, staff, at("2026-01-07T12:00Z"))).toEqual(["cho"]);
  });
});

test("at any instant, in any zone, exactly one person is on call, and somebody else from `until` on", () => {
  const draw = seeded(5);
  function pick(most: number): number {
    return Math.floor(draw.next() * most);
  }
  const zones = ["Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu", "UTC"];
  for (let run = 0; run < 120; run += 1) {
    const members = ["ana", "ben", "cho", "dan"].slice(0, 1 + pick(4));
    const at_ = `${String(pick(24)).padStart(2, "0")}:${pick(2) === 0 ? "00" : "30"}`;
    const rotation: Rotation = {
      ...WEB,
      members,
      zone: zones[pick(zones.length)] ?? "UTC",
      from: `2026-0${1 + pick(9)}-1${pick(10)}`,
      handover:
        pick(2) === 0
          ? { every: "day", at: at_ }
          : { every: "week", weeks: 1 + pick(3), weekday: 1 + pick(7), at: at_ },
    };
    const begin = Date.UTC(2011, 11, 20) + pick(6_000) * 86_400_000 + pick(86_400_000);
    const standins = Array.from({ length: pick(4) }, (_, id): Standin => {
      const startsAt = new Date(begin + (pick(200) - 100) * 3_600_000);
      const person = members[pick(members.length)] ?? "ana";
      const endsAt = new Date(startsAt.getTime() + (1 + pick(200)) * 3_600_000);
      return { ...standin({ kind: pick(2) === 0 ? "cover" : "away", person }), id, startsAt, endsAt };
    });
    const gone = pick(3) === 0 && members.length > 1 ? members[0] : null;
    const staff: Staff = { has: (person) => person !== gone, standins };
    let instant = new Date(begin);
    for (let turns = 0; turns < 6; turns += 1) {
      const turn = turnAt(rotation, staff, instant);
      const there = members.filter((member) => absenceOf(staff, member, instant) === null);
      expect([...there, ...(there.length === 0 ? [null] : [])]).toContain(turn.person);
      if (turn.until === null) break;
      expect(turn.until.getTime()).toBeGreaterThan(instant.getTime());
      expect(onCallAt(rotation, staff, new Date(turn.until.getTime() - 1))).toBe(turn.person);
      expect(onCallAt(rotation, staff, turn.until)).toBe(turn.next);
      expect(turn.next).not.toBe(turn.person);
      instant = turn.until;
    }
  }
});

test("what can wait waits for working hours, in each one's zone", () => {
  function paris(iso: string): string {
    return workingFrom(WORKING_HOURS, "Europe/Paris", at(iso)).toISOString();
  }
  expect(paris("2026-11-27T10:00:00Z")).toBe("2026-11-27T10:00:00.000Z");
  expect(paris("2026-11-27T01:10:00Z")).toBe("2026-11-27T08:00:00.000Z");
  expect(paris("2026-11-27T17:00:00Z")).toBe("2026-11-30T08:00:00.000Z");
  const hours = { ...WORKING_HOURS, zone: "Europe/Paris" };
  const night = at("2026-11-27T01:10:00Z");
  expect(dueOf({ tell: "owner", after: 0 }, "critical", night, hours)).toEqual(night);
  expect(dueOf({ tell: "owner", after: 0 }, "warning", night, hours)).toEqual(at("2026-11-27T08:00:00Z"));
});

describe("whom an item tells", () => {
  const around: Responders = {
    owner: { person: "ana" },
    onCall: ["ben"],
    others: ["cho", "dan"],
    team: { key: "web", members: ["ana", "ben", "cho", "dan"] },
    absence: () => null,
  };

  test("a chain ends in reminders, further and further apart, for ever", () => {
    const last = CHAINS.critical.length;
    const pauses = [0, 1, 2, 3, 4, 50].map((nth) => stepAt(CHAINS.critical, "critical", last + nth).after / 60_000);
    expect(pauses).toEqual([30, 60, 120, 240, 240, 240]);
  });

  test("who is not there is passed over, and said", () => {
    const left = { ...around, absence: (person: string) => (person === "ana" ? ("left" as const) : null) };
    expect(whomToTell("owner", left, [])).toMatchObject({ people: ["ben"], skipped: [{ person: "ana", why: "left" }] });
    expect(whomToTell("owner", { ...around, owner: null, onCall: [] }, [])).toMatchObject({ people: ["cho"] });
    const nobody = { ...around, absence: () => "left" as const };
    expect(whomToTell("on-call", nobody, [])).toMatchObject({ people: [], channel: false });
  });

  test("a status passes somebody over, but takes nobody off call: the next is told with them", () => {
    const status = { words: "Vacationing", until: null };
    function showing(...people: readonly string[]): Responders {
      return { ...around, absence: (person) => (people.includes(person) ? status : null) };
    }
    const skipped = [{ person: "ana", why: status }];
    expect(whomToTell("owner", showing("ana"), [])).toMatchObject({ rung: "on-call", people: ["ben"], skipped });
    expect(whomToTell("on-call", showing("ben", "cho"), [])).toMatchObject({
      people: ["ben", "dan"],
      skipped: [
        { person: "ben", why: status },
        { person: "cho", why: status },
      ],
    });
    const own = { ...showing("ben"), owner: { person: "ben" } };
    expect(whomToTell("owner", own, [])).toMatchObject({ rung: "on-call", people: ["ben", "cho"] });
    expect(whomToTell("owner", own, ["ben", "cho"]).people).toEqual(["ben", "cho"]);
    expect(whomToTell("on-call", own, ["ben", "cho"]).people).toEqual([]);
    expect(whomToTell("next", showing("cho"), ["ben"])).toMatchObject({ rung: "next", people: ["dan"] });
    expect(whomToTell("on-call", showing("ben", "cho", "dan"), []).people).toEqual(["ben"]);
  });

  test.each([
    [
      { status_emoji: ":palm_tree:", status_text: "En vacances", status_expiration: 1_796_000_000 },
      "En vacances",
      1_796_000_000,
    ],
    [{ status_emoji: ":face_with_thermometer:", status_text: " ", status_expiration: 0 }, "Out sick", null],
    [{ status_emoji: ":palm_tree:" }, "Vacationing", null],
  ])("the status %j is one of who is away", (profile, words, end) => {
    expect(awayStatusIn(profile)).toEqual({ words, until: end === null ? null : new Date(end * 1_000) });
  });

  test.each([
    undefined,
    null,
    {},
    { status_emoji: "", status_text: "Vacationing" },
    { status_emoji: ":house_with_garden:", status_text: "Working remotely" },
    { status_emoji: "constructor" },
    { status_emoji: ":palm_tree:", status_expiration: "soon" },
    { status_emoji: ":palm_tree:", status_expiration: 1e300 },
  ])("the status %j is none", (profile) => {
    expect(awayStatusIn(profile)).toBeNull();
  });

  test("steps that reach nobody take no time, but for the channel's; what is critical reaches it in the end", () => {
    const nobody: Responders = { ...around, owner: null, onCall: [], others: [], team: null };
    const [critical, warning] = [CHAINS.critical, CHAINS.warning];
    function next(severity: "critical" | "warning", position: number, among: Responders, told: readonly string[] = []) {
      const found = nextTelling(CHAINS[severity], severity, { position, told }, among);
      return [found.position, found.telling && { people: found.telling.people, channel: found.telling.channel }];
    }
    expect(next("critical", 0, around)).toEqual([1, { people: ["ana"], channel: false }]);
    const alone = { ...around, onCall: ["ana"], others: [], team: null };
    expect(next("critical", 2, alone, ["ana"])).toEqual([5, null]); // to the channel's turn, which is to come
    expect(next("critical", 5, alone, ["ana"])).toEqual([6, { people: [], channel: true }]);
    expect(next("critical", 6, alone, ["ana"])).toEqual([7, { people: ["ana"], channel: false }]);
    expect(next("critical", 6, nobody)).toEqual([critical.length + 2, { people: [], channel: true }]);
    expect(next("warning", 0, nobody)).toEqual([warning.length + 2, null]);
    const left: Responders = { ...nobody, owner: { person: "ana" }, absence: () => "left" };
    expect(nextTelling(critical, "critical", { position: 6, told: [] }, left).telling?.skipped).toEqual([
      { person: "ana", why: "left" },
    ]);
  });

  test("who knows it already is not told as somebody else", () => {
    expect(whomToTell("on-call", { ...around, onCall: ["ana"] }, ["ana"]).people).toEqual([]);
    expect(whomToTell("next", around, ["ana", "cho"]).people).toEqual(["dan"]);
    expect(whomToTell("team", around, ["ana"])).toMatchObject({ people: ["ana", "ben", "cho", "dan"], team: "web" });
    expect(whomToTell("channel", around, [])).toMatchObject({ people: [], channel: true });
  });
});
