import { describe, expect, test } from "vitest";
import { BUTTON_DEEDS, FORM_DEEDS, SHORTCUT_DEEDS } from "./support/needed-deeds.ts";
import { VERBS } from "../src/command/verbs.ts";
import { ROLES } from "../src/domain/role.ts";
import { DEED_NAMES } from "../src/domain/deed.ts";
import { authorise, may } from "../src/domain/permit.ts";
import { catalogLine } from "../src/domain/person-line.ts";
import { ACTOR_KINDS, type Actor } from "../src/domain/actor.ts";
import type { Deed } from "../src/domain/deed.ts";
import type { Ground } from "../src/domain/permit.ts";
import { Denied } from "../src/errors.ts";

const ANA: Actor = {
  person: "ana",
  account: "U0ANA",
  team: "T1",
  kind: "member",
  role: "operator",
  services: {},
  name: "Ana",
};
const STRANGER: Actor = { ...ANA, person: null, role: null, account: "U0DANA", name: "Dana Ünal" };
const SHOP: Ground = { service: "shop", catalogHasPeople: true };

function denied(run: () => unknown): Denied {
  try {
    run();
  } catch (error) {
    if (error instanceof Denied) return error;
    throw error;
  }
  throw new Error("it was allowed");
}

/** Every way to a deed: what people type, press, and fill in. */
const WAYS: readonly (readonly [title: string, Readonly<Record<string, Deed | null>>])[] = [
  ["words", Object.fromEntries(Object.entries(VERBS).map(([verb, { deed }]) => [verb, deed]))],
  ["buttons", BUTTON_DEEDS],
  ["forms", FORM_DEEDS],
  ["shortcuts", SHORTCUT_DEEDS],
];

function listed([title, ways]: (typeof WAYS)[number]): string {
  return [
    `# ${title}`,
    ...Object.entries(ways).map(([id, deed]) => `${id.padEnd(25)}${deed ?? "as what it carries"}`),
  ].join("\n");
}

describe("the permission matrix", () => {
  const actors: [string, Actor][] = [
    ...ROLES.map((role): [string, Actor] => [role, { ...ANA, role }]),
    ["not in catalog", STRANGER],
    ...ACTOR_KINDS.filter((kind) => kind !== "member").map((kind): [string, Actor] => [
      kind,
      { ...ANA, kind, role: "admin" },
    ]),
  ];
  const grounds: [string, Ground][] = [
    ["another's request", { ...SHOP, ownRequest: false }],
    ["one's own request", { ...SHOP, ownRequest: true }],
    ["one's own request, on call", { ...SHOP, ownRequest: true, onCall: true }],
    [
      "the policy asks for an approver, and an admin to approve",
      { ...SHOP, ownRequest: false, onCall: true, policy: { role: "approver", approvers: "admin" } },
    ],
    ["a catalog without people", { service: "shop", catalogHasPeople: false, ownRequest: false }],
  ];

  test("is as printed", async () => {
    const width = Math.max(...actors.map(([label]) => label.length)) + 2;
    const tables = grounds.map(([title, ground]) => {
      const head = `${"".padEnd(13)}${actors.map(([label]) => label.padEnd(width)).join("")}`.trimEnd();
      const rows = DEED_NAMES.map((deed) => {
        const cells = actors.map(([, actor]) => (may(deed, actor, ground) ? "yes" : "-").padEnd(width));
        return `${deed.padEnd(13)}${cells.join("")}`.trimEnd();
      });
      return [`# ${title}`, head, ...rows].join("\n");
    });
    await expect(`${[...tables, ...WAYS.map(listed)].join("\n\n")}\n`).toMatchFileSnapshot("golden/permissions.txt");
  });

  test("authorise grants exactly what may allows, and every refusal has a next step", () => {
    const cases = grounds.flatMap(([, ground]) =>
      actors.flatMap(([, actor]) => DEED_NAMES.map((deed) => ({ deed, actor, ground }))),
    );
    const [granted, refused] = [true, false].map((allowed) =>
      cases.filter(({ deed, actor, ground }) => may(deed, actor, ground) === allowed),
    );
    for (const { deed, actor, ground } of granted ?? []) authorise(deed, actor, ground);
    const hints = refused?.map(({ deed, actor, ground }) => denied(() => authorise(deed, actor, ground)).hint ?? "");
    expect(hints?.filter((hint) => hint === "")).toEqual([]);
  });
});

describe("authorise", () => {
  test("a role on one service counts there, and only there, upwards and downwards", () => {
    const raised: Actor = { ...ANA, role: "reader", services: { shop: "approver" } };
    expect(may("approve", raised, SHOP)).toBe(true);
    expect(may("approve", raised, { ...SHOP, service: "reports" })).toBe(false);
    expect(may("own", raised, { catalogHasPeople: true })).toBe(false);
    const lowered: Actor = { ...ANA, role: "admin", services: { shop: "reader" } };
    expect(may("own", lowered, SHOP)).toBe(false);
    expect(may("own", lowered, { ...SHOP, service: "reports" })).toBe(true);
  });

  test("an admin still does not approve their own request, and is told how to withdraw it", () => {
    const error = denied(() => authorise("approve", { ...ANA, role: "admin" }, { ...SHOP, ownRequest: true }));
    expect(error.message).toBe("Someone else must decide on your own request.");
    expect(error.hint).toContain("/day2 cancel");
  });

  test("who asked may cancel even after losing the role, but not as a guest", () => {
    expect(may("cancel", { ...ANA, role: "reader" }, { ...SHOP, ownRequest: true })).toBe(true);
    expect(may("cancel", { ...ANA, kind: "guest" }, { ...SHOP, ownRequest: true })).toBe(false);
  });

  test("a stranger learns who can add them, and the line", () => {
    const error = denied(() => authorise("own", STRANGER, { ...SHOP, keepers: ["Ben", "Cleo"] }));
    expect(error.message).toBe("You are not in the catalog, so you can look, but not take items.");
    expect(error.hint).toBe(
      'Ben or Cleo can add you to `daytwo.yaml`: `people: { dana-unal: { name: "Dana Ünal", slack: U0DANA, role: operator } }`',
    );
    expect(denied(() => authorise("own", STRANGER, SHOP)).hint).toContain("Whoever keeps the catalog can add you");
  });

  test("too low a role is named beside the one that it takes", () => {
    const error = denied(() =>
      authorise("request", ANA, { ...SHOP, policy: { role: "approver", approvers: "approver" } }),
    );
    expect(error.message).toBe("To ask for actions on shop takes the role approver; yours is operator.");
    expect(error.hint).toBe(
      "Ask somebody who has it, or whoever keeps the catalog can change your role in `daytwo.yaml`.",
    );
  });

  test("a guest is told why, even with a role in the catalog", () => {
    const error = denied(() => authorise("own", { ...ANA, kind: "guest" }, SHOP));
    expect(error.message).toBe("Guests of this workspace can look, but not take items.");
  });

  test("without people in the catalog nobody acts on targets", () => {
    const error = denied(() => authorise("request", STRANGER, { ...SHOP, catalogHasPeople: false }));
    expect(error.message).toBe("Nobody may ask for actions yet, because the catalog names no people.");
    expect(error.hint).toContain("slack: U0DANA");
  });
});

test.each([
  ["Ana", "ana"],
  ["Åsa Öberg-Lind", "asa-oberg-lind"],
  ["日本", "person-u1"],
  ["7of9", "of9"],
  ["me", "person-u1"],
  ["Team Web", "person-u1"],
  ['a`b": {', "a-b"],
])("the line for %s has the key %s", (name, key) => {
  expect(catalogLine({ name, account: "U1" })).toMatch(
    new RegExp(`^\`people: \\{ ${key}: \\{ name: ".*", slack: U1, role: operator \\} \\}\`$`),
  );
});
