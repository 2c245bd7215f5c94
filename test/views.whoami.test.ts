import { expect, test } from "vitest";
import type { Standing } from "../src/domain/board/standing.ts";
import { RESPONSIBILITIES } from "../src/domain/duty.ts";
import { checkLimits } from "../src/slack/limits.ts";
import { whoamiMessage } from "../src/slack/whoami-message.ts";
import { golden, goldenFile } from "./views.golden.ts";
import { hostile, readAll } from "./views.reader.ts";

const ANA: Standing = {
  actor: {
    person: "ana",
    account: "U0ANA00",
    team: "T1",
    kind: "member",
    role: "operator",
    services: { shop: "approver" },
    name: "Ana Operator",
  },
  teams: ["Team Web"],
  answersFor: [
    { service: "shop", responsibilities: ["releases", "scaling"] },
    { service: "blog", responsibilities: RESPONSIBILITIES },
  ],
  may: ["look", "take items"],
  keepers: ["Ben Approver"],
  line: '`people: { ana: { name: "Ana Operator", slack: U0ANA00, teams: [web], role: operator, services: { shop: approver } } }`',
};
const STRANGER: Standing = {
  ...ANA,
  actor: { ...ANA.actor, person: null, role: null, services: {}, name: "Dana *Ünal*" },
  teams: [],
  answersFor: [],
  may: ["look", "see the digest"],
  line: '`people: { dana: { name: "Dana *Ünal*", slack: U0DANA, role: operator } }`',
};
const GUEST: Standing = { ...STRANGER, actor: { ...STRANGER.actor, kind: "guest" } };

test.each(Object.entries({ whoami: ANA, "whoami.stranger": STRANGER, "whoami.guest": GUEST }))(
  "%s",
  async (name, standing) => {
    await expect(golden(whoamiMessage(standing))).toMatchFileSnapshot(goldenFile(name));
  },
);

test("names that are long or hostile still fit, and mention nobody", () => {
  for (let seed = 0; seed < 20; seed++) {
    const text = hostile(seed, 100);
    const drawn = whoamiMessage({
      ...ANA,
      actor: { ...ANA.actor, name: text, services: { [text]: "reader" } },
      teams: Array.from({ length: 100 }, () => text),
      answersFor: Array.from({ length: 500 }, () => ({ service: text, responsibilities: ["backups"] as const })),
    });
    expect(checkLimits(drawn)).toEqual([]);
    expect(readAll(drawn).mentions).toEqual([]);
  }
});
