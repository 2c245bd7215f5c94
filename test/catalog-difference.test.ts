import { expect, test } from "vitest";
import { readCatalog } from "../src/catalog.ts";
import { CHECKS } from "../src/checks/index.ts";
import { differences } from "../src/domain/catalog-difference.ts";
import type { Catalog } from "../src/domain/catalog.ts";
import { PROVIDERS } from "../src/providers/index.ts";
import { eventSentence } from "../src/slack/events/sentence.ts";

function catalog(text: string): Catalog {
  const read = readCatalog(text, { checks: CHECKS, providers: PROVIDERS });
  if ("catalog" in read) return read.catalog;
  throw new Error(JSON.stringify(read.problems));
}

const BEFORE = `
people:
  ana: { name: Ana, slack: U0ANA, role: operator }
  ben: { name: Ben, slack: U0BEN, role: approver }
teams: { web: { name: Web } }
services:
  shop:
    owner: ana
    channel: "#shop"
    checks: { disk: { path: / }, http: { url: "https://shop.example.com" } }
  blog: { owner: team-web }
`;

test.each<[what: string, change: (text: string) => string, lines: string[]]>([
  ["nothing", (text) => `${text}\n# a comment\n`, []],
  ["a service that goes", (text) => text.replace("  blog: { owner: team-web }\n", ""), ["− service blog"]],
  ["a service that comes", (text) => `${text}  wiki: { owner: ana }\n`, ["+ service wiki"]],
  [
    "checks",
    (text) => text.replace("disk: { path: / }", "folder-size: { path: /var, warning: 1 GB }"),
    ["+ check shop/folder-size", "− check shop/disk"],
  ],
  ["a check's settings", (text) => text.replace("path: / }", "path: /srv }"), ["check shop/disk changed"]],
  [
    "who answers, and where",
    (text) =>
      text
        .replace("owner: ana\n", "owner: ana\n    responsibilities: { backups: nobody, patching: { by: heroku } }\n")
        .replace('"#shop"', '"#web"'),
    ["patching of shop: ana → by heroku", "backups of shop: ana → nobody", "channel of shop: #shop → #web"],
  ],
  ["what has no words of its own", (text) => text.replace("U0BEN", "U0BENNY"), ["person ben changed"]],
  ["a role", (text) => text.replace("role: operator", "role: admin"), ["role of ana: operator → admin"]],
  [
    "policies, digests, windows, acknowledgements and storms",
    (text) =>
      `${text}policies: [{ when: { action: scale }, max: 3 }]\ndigest: { at: "08:00", zone: UTC }\nacknowledge: { critical: 2h }\nwindows: [{ name: a, from: sat 22:00, until: sun 0:00 }]\nstorm: off\nfold_dependents: off\n`,
    [
      "policies changed",
      "digests changed",
      "how long an acknowledgement holds changed",
      "windows changed",
      "what counts as a storm changed",
      "whether dependents fold changed",
    ],
  ],
])("%s", (_what, change, lines) => {
  const after = change(BEFORE);
  expect(differences(catalog(BEFORE), catalog(after)).toSorted()).toEqual(lines.toSorted());
});

test("a sentence says the first dozen of them", () => {
  const changes = Array.from({ length: 30 }, (_, n) => `+ service s${n}`);
  const said = eventSentence(
    {
      id: 1,
      at: new Date(0),
      kind: "catalog.imported",
      person: null,
      account: null,
      surface: "bot",
      item: null,
      operation: null,
      detail: { services: 31, changes },
    },
    { people: {}, teams: {} },
    "thread",
  );
  expect(said).toBe(`A new catalog is in force, with 31 services: ${changes.slice(0, 12).join("; ")}; and 18 more`);
});
