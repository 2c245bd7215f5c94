import { afterEach, expect, test } from "vitest";
import { certificate } from "../src/checks/certificate.ts";
import { http } from "../src/checks/http.ts";
import { isPublic } from "../src/checks/public-address.ts";
import { addressesOf, OutOfReach, PUBLIC_ONLY } from "../src/checks/reach.ts";
import { subjectOf, useOf } from "./support/look.ts";
import { openSite, openSmallWorld, type Site } from "./support/small-world.ts";

/** What somebody adds in Slack reaches public addresses only, whatever it says, means or turns into. */

const open: Site[] = [];
afterEach(async () => {
  for (const site of open.splice(0)) await site.close();
});

async function site(...given: Parameters<typeof openSite>): Promise<Site> {
  const opened = await openSite(...given);
  open.push(opened);
  return opened;
}

test.each([
  "1.1.1.1",
  "8.8.8.8",
  "93.184.216.34",
  "172.15.255.255",
  "172.32.0.1",
  "100.63.255.255",
  "100.128.0.1",
  "2606:4700:4700::1111",
  "2a00:1450:4001::1",
  "::ffff:8.8.8.8",
  "64:ff9b::8.8.8.8",
])("%s is public", (address) => {
  expect(isPublic(address)).toBe(true);
});

test.each([
  "0.0.0.0",
  "0.1.2.3",
  "10.0.0.1",
  "100.64.0.1",
  "100.100.100.200",
  "100.127.255.255",
  "127.0.0.1",
  "127.1.2.3",
  "168.63.129.16",
  "169.254.169.254",
  "172.16.0.1",
  "172.31.255.255",
  "192.0.0.192",
  "192.0.2.1",
  "192.88.99.1",
  "192.168.1.1",
  "198.18.0.1",
  "198.51.100.1",
  "203.0.113.1",
  "224.0.0.1",
  "240.0.0.1",
  "255.255.255.255",
  "::",
  "::1",
  "::10.0.0.1",
  "::a9fe:a9fe",
  "::ffff:10.0.0.1",
  "::ffff:169.254.169.254",
  "::ffff:0:10.0.0.1",
  "64:ff9b::10.0.0.1",
  "64:ff9b::a9fe:a9fe",
  "64:ff9b:1::8.8.8.8",
  "100::1",
  "2001::1",
  "2001:db8::1",
  "2002:7f00:1::",
  "2002:a00:1::1",
  "3fff::1",
  "fc00::1",
  "fd00:ec2::254",
  "fe80::1",
  "fe80::1%eth0",
  "fec0::1",
  "ff02::1",
  "4000::1",
  "shop.example.com",
  "0x7f000001",
  "2130706433",
  "",
])("%j is not public", (address) => {
  expect(isPublic(address)).toBe(false);
});

test.each([
  "http://0x7f.1/",
  "http://0x7f000001/",
  "http://0177.0.0.1/",
  "http://017700000001/",
  "http://2130706433/",
  "http://127.1/",
  "http://１２７.０.０.１/",
  "http://127.0.0.1./",
  "http://0/",
  "http://10.1/",
  "http://0xa9fea9fe/",
  "http://169.254.43518/",
  "http://[::1]/",
  "http://[::]/",
  "http://[0:0:0:0:0:0:0:1]/",
  "http://[::ffff:10.0.0.1]/",
  "http://[::ffff:a00:1]/",
  "http://[::127.0.0.1]/",
  "http://[64:ff9b::a9fe:a9fe]/",
  "http://[2002:7f00:1::]/",
  "http://[fd00:ec2::254]/",
  "http://[fe80::1]/",
  "https://127.0.0.1/",
  "https://[::ffff:127.0.0.1]/",
])("%s is looked at by nobody", async (url) => {
  const reading = await http.look(subjectOf("http"), { url, follow: true }, useOf({ reach: PUBLIC_ONLY }));
  expect(reading).toMatchObject({
    level: "unknown",
    summary: "it leads to a private address, which only daytwo.yaml may name",
  });
});

test("without a limit the same address is looked at: whoever writes the file may name any", async () => {
  const { port } = await site((_request, response) => void response.end("hello"));
  expect(await http.look(subjectOf("http"), { url: `http://127.0.0.1:${port}/` }, useOf({}))).toMatchObject({
    level: "ok",
  });
});

test("a name that leads to a private address beside a public one is not connected to", async () => {
  const world = openSmallWorld();
  const inside = await site((_request, response) => void response.end("secret"), { at: "127.0.0.2" });
  world.names.set("shop.example.com", ["127.0.0.1", "127.0.0.2"]);
  const reading = await http.look(
    subjectOf("http"),
    { url: `http://shop.example.com:${inside.port}/`, contains: "secret" },
    useOf({ reach: world }),
  );
  expect(reading).toMatchObject({ level: "unknown" });
  expect(inside.connections()).toBe(0);
});

test("a name that answers otherwise the second time is connected to where it was first", async () => {
  const world = openSmallWorld();
  const outside = await site((_request, response) => void response.end("hello"));
  const inside = await site((_request, response) => void response.end("secret"), { at: "127.0.0.2" });
  let turn = 0;
  world.names.set("rebind.example.com", () => [(turn += 1) === 1 ? "127.0.0.1" : "127.0.0.2"]);
  const look = { url: `http://rebind.example.com:${outside.port}/` };
  expect(await http.look(subjectOf("http"), look, useOf({ reach: world }))).toMatchObject({ level: "ok" });
  expect(world.asked).toEqual(["rebind.example.com"]);
  expect(await http.look(subjectOf("http"), look, useOf({ reach: world }))).toMatchObject({
    level: "unknown",
    summary: "it leads to a private address, which only daytwo.yaml may name",
  });
  expect(world.asked).toHaveLength(2);
  expect([outside.connections(), inside.connections()]).toEqual([1, 0]);
});

test("every request of a look asks anew, and none takes a connection of another", async () => {
  const world = openSmallWorld();
  const outside = await site((_request, response) => void response.end("hello"));
  let turn = 0;
  world.names.set("rebind.example.com", () => [(turn += 1) === 1 ? "127.0.0.1" : "10.0.0.1"]);
  const look = { url: `http://rebind.example.com:${outside.port}/`, samples: 2 };
  expect(await http.look(subjectOf("http"), look, useOf({ reach: world }))).toMatchObject({ level: "unknown" });
  expect(outside.connections()).toBe(1);
});

test.each([
  ["a private address", "http://127.0.0.2:PORT/"],
  ["a private address in another spelling", "http://0x7f.2:PORT/"],
  ["a private address inside an IPv6 one", "http://[::ffff:127.0.0.2]:PORT/"],
  ["a name that leads inside", "http://inside.example.com:PORT/"],
  ["an unusual port", "http://shop.example.com:22/"],
  ["the metadata of a cloud", "http://169.254.169.254/latest/meta-data/"],
])("a redirect to %s is not followed, and said", async (_where, location) => {
  const world = openSmallWorld();
  const inside = await site((_request, response) => void response.end("secret"), { at: "127.0.0.2" });
  const outside = await site(
    (_request, response) =>
      void response.writeHead(302, { location: location.replace("PORT", String(inside.port)) }).end(),
  );
  world.names.set("shop.example.com", ["127.0.0.1"]).set("inside.example.com", ["127.0.0.2"]);
  const url = `http://shop.example.com:${outside.port}/`;
  expect(await http.look(subjectOf("http"), { url, follow: true }, useOf({ reach: world }))).toEqual({
    level: "unknown",
    summary: "it redirects to a private address or an unusual port, which only daytwo.yaml may name",
    evidence: { Address: url },
  });
  expect([outside.connections(), inside.connections()]).toEqual([1, 0]);
});

test("a redirect to another public address is followed, over several hops, and stopped at the one that leads inside", async () => {
  const world = openSmallWorld();
  const inside = await site((_request, response) => void response.end("secret"), { at: "127.0.0.2" });
  let leadsInside = false;
  const outside: Site = await site((request, response) => {
    const next =
      request.url === "/" ? `http://www.example.com:${outside.port}/hop` : `http://127.0.0.2:${inside.port}/`;
    if (request.url === "/" || leadsInside) response.writeHead(302, { location: next }).end();
    else response.end("hello");
  });
  world.names.set("shop.example.com", ["127.0.0.1"]).set("www.example.com", ["127.0.0.1"]);
  const look = { url: `http://shop.example.com:${outside.port}/`, follow: true, contains: "hello" };
  expect(await http.look(subjectOf("http"), look, useOf({ reach: world }))).toMatchObject({ level: "ok" });
  leadsInside = true;
  expect(await http.look(subjectOf("http"), look, useOf({ reach: world }))).toMatchObject({ level: "unknown" });
  expect(inside.connections()).toBe(0);
});

test.each(["127.0.0.2", "[::1]", "10.0.0.1", "[::ffff:127.0.0.2]", "inside.example.com", "both.example.com"])(
  "no certificate is fetched from %s",
  async (host) => {
    const world = openSmallWorld();
    world.names.set("inside.example.com", ["127.0.0.2"]).set("both.example.com", ["127.0.0.1", "127.0.0.2"]);
    const inside = await site((_request, response) => void response.end(), {
      at: "127.0.0.2",
      names: ["inside.example.com"],
    });
    const settings = { address: `${host}:${inside.port}` };
    expect(await certificate.look(subjectOf("certificate"), settings, useOf({ reach: world }))).toMatchObject({
      level: "unknown",
      summary: "no certificate: it leads to a private address, which only daytwo.yaml may name",
    });
    expect(inside.connections()).toBe(0);
  },
);

test("a certificate is fetched from the address that was looked at, whatever the name says afterwards", async () => {
  const world = openSmallWorld();
  const outside = await site((_request, response) => void response.end(), { names: ["shop.example.com"] });
  let turn = 0;
  world.names.set("shop.example.com", () => [(turn += 1) === 1 ? "127.0.0.1" : "127.0.0.2"]);
  const settings = { address: `shop.example.com:${outside.port}` };
  expect(await certificate.look(subjectOf("certificate"), settings, useOf({ reach: world }))).toMatchObject({
    level: "ok",
  });
  expect(world.asked).toEqual(["shop.example.com"]);
  expect(await certificate.look(subjectOf("certificate"), settings, useOf({ reach: world }))).toMatchObject({
    level: "unknown",
  });
});

test("in earnest only the web's own ports are reached, and what the name service says is passed on", async () => {
  await expect(addressesOf("8.8.8.8", 22, PUBLIC_ONLY)).rejects.toThrow(OutOfReach);
  await expect(addressesOf("8.8.8.8", 443, PUBLIC_ONLY)).resolves.toEqual(["8.8.8.8"]);
  await expect(addressesOf("gone.example.com", 443, openSmallWorld())).rejects.toMatchObject({ code: "ENOTFOUND" });
});
