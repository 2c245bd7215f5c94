import { expect, test } from "vitest";
import type { Target } from "../src/domain/catalog.ts";
import { isSamePlace, PROVIDERS } from "../src/providers/index.ts";

/** A target whose settings somebody edits is where it was, unless they name another place. */

type Settings = Readonly<Record<string, unknown>>;
type Row = {
  readonly provider: string;
  readonly written: Settings;
  readonly same: readonly Settings[];
  readonly other: readonly Settings[];
};

const A = { env: "A" };
const B = { env: "B" };
const ROLE = "arn:aws:iam::123456789012:role/daytwo";
const ARN = "arn:aws:acm:eu-west-1:123456789012:certificate/0a1b2c3d";

const ROWS: readonly Row[] = [
  {
    provider: "aws",
    written: { service: "shop-web", cluster: "main", region: "eu-west-1" },
    same: [],
    other: [
      { region: "eu-west-2" },
      { cluster: "second" },
      { service: "till" },
      { profile: "staging" },
      { role: ROLE },
    ],
  },
  {
    provider: "aws",
    written: { group: "shop", region: "eu-west-1", access_key: A, secret_key: A },
    same: [{ secret_key: B }],
    other: [{ access_key: B }, { group: "till" }],
  },
  {
    provider: "aws",
    written: { database: "shop-db", region: "eu-west-1", role: ROLE },
    same: [{ profile: "ci" }, { access_key: A, secret_key: A }, { role: ROLE.replace("daytwo", "second") }],
    other: [{ role: ROLE.replace("123456789012", "210987654321") }, { database: "till-db" }],
  },
  {
    provider: "aws",
    written: { certificate: ARN, region: "eu-west-1" },
    same: [{ profile: "ci" }, { role: ROLE }],
    other: [{ certificate: ARN.replace("0a1b", "0a1c") }],
  },
  {
    provider: "cloud66",
    written: { stack: "5999b763474b0eaf", token: A },
    same: [{ token: B }, { account: 7 }, { api: "https://proxy.example.com" }],
    other: [{ stack: "5999b763474b0eb0" }],
  },
  {
    provider: "google",
    written: { project: "acme-shop", group: "shop-web", region: "europe-west1" },
    same: [{ credentials: A }, { credentials: A, api: "https://proxy.example.com" }],
    other: [
      { project: "acme-till" },
      { group: "till" },
      { region: "europe-west2" },
      { region: undefined, zone: "europe-west1-b" },
      { group: undefined, service: "shop-web" },
      { group: undefined, database: "shop-web" },
    ],
  },
  {
    provider: "heroku",
    written: { app: "shop" },
    same: [
      { token: B },
      { token: A, api: "https://proxy.example.com" },
      { token: A, data: "https://proxy.example.com" },
      { certificate: { address: "shop.example.com:443" } },
    ],
    other: [{ app: "till" }],
  },
  {
    provider: "kubernetes",
    written: { deployment: "shop", namespace: "shop" },
    same: [{ container: "app" }, { certificate: { name: "shop-tls", address: "shop.example.com:443" } }],
    other: [
      { namespace: "till" },
      { deployment: "till" },
      { deployment: undefined, statefulset: "shop" },
      { deployment: undefined, daemonset: "shop" },
      { context: "staging" },
      { kubeconfig: A },
    ],
  },
  {
    provider: "local",
    written: { supervisor: "http://127.0.0.1:8199", application: "shop", token: A },
    same: [{ token: B }],
    other: [{ application: "till" }, { supervisor: "http://127.0.0.1:8200" }],
  },
  {
    provider: "postgres",
    written: { url: A },
    same: [{ long_transaction: "5m" }, { superuser: true }],
    other: [{ url: B }],
  },
  {
    provider: "ssh",
    written: { host: "shop1", user: "daytwo", key: A, host_key: "ssh-ed25519 AAAA", path: "/srv/shop" },
    same: [
      { user: "deploy" },
      { key: B },
      { host_key: "ssh-ed25519 BBBB" },
      { port: 22 },
      { restart: ["/bin/true"] },
      { certificate: { renew: ["/bin/true"], address: "shop.example.com:443" } },
    ],
    other: [{ host: "shop2" }, { port: 2222 }, { path: "/srv/till" }, { unit: "shop.service" }],
  },
];

function at(provider: string, settings: Settings): Target {
  return { key: "shop/web", service: "shop", name: "web", provider, settings };
}

test("every provider says it", () => {
  expect(new Set(ROWS.map(({ provider }) => provider))).toEqual(new Set(PROVIDERS.map(({ name }) => name)));
});

test.each(ROWS)("$provider: $written", ({ provider, written, same, other }) => {
  const before = at(provider, written);
  function isThereAfter(edit: Settings): boolean {
    return isSamePlace(before, at(provider, { ...written, ...edit }));
  }
  expect(same.filter((edit) => !isThereAfter(edit))).toEqual([]);
  expect(other.filter(isThereAfter)).toEqual([]);
});

test("the same settings of another provider are another place, and so are any of one that says nothing", () => {
  expect(isSamePlace(at("heroku", { app: "shop" }), at("local", { app: "shop" }))).toBe(false);
  expect(isSamePlace(at("gone", { app: "shop" }), at("gone", { app: "shop" }))).toBe(true);
  expect(isSamePlace(at("gone", { app: "shop", token: A }), at("gone", { app: "shop", token: B }))).toBe(false);
});
