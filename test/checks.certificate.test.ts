import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer as createSocketServer, type AddressInfo, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer } from "node:tls";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { certificate } from "../src/checks/certificate.ts";
import { parseAddress, servedCertificate } from "../src/checks/served-certificate.ts";
import type { Reading } from "../src/domain/reading.ts";
import { mintIssuer, mintLeaf, type Issuer, type Leaf } from "./support/certificates.ts";
import { subjectOf, useOf } from "./support/look.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = new Date(Math.floor(new Date().getTime() / 1_000) * 1_000);
const NAME = "shop.example.com";

let root: Issuer;
let intermediate: Issuer;
let folder: string;
let ca: { file: string };
const open: { server: Server; sockets: Set<Socket> }[] = [];

beforeAll(async () => {
  root = await mintIssuer("Daytwo test root");
  intermediate = await mintIssuer("Daytwo test intermediate", root);
  folder = await mkdtemp(join(tmpdir(), "daytwo-certificates-"));
  ca = { file: join(folder, "root.pem") };
  await writeFile(ca.file, root.pem);
});

afterAll(() => rm(folder, { recursive: true }));

afterEach(async () => {
  for (const { server, sockets } of open.splice(0)) {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** A certificate with so much of its life behind and before it, in ms. */
function leaf(
  past: number,
  left: number,
  wish: { names?: string[]; issuer?: Issuer; chain?: Issuer[] } = {},
): Promise<Leaf> {
  return mintLeaf(wish.issuer ?? root, {
    names: wish.names ?? [NAME],
    notBefore: new Date(NOW.getTime() - past),
    notAfter: new Date(NOW.getTime() + left),
    chain: wish.chain ?? [],
  });
}

async function listen(server: Server, host = "127.0.0.1", port = 0): Promise<number> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => sockets.add(socket.on("error", () => undefined)));
  open.push({ server, sockets });
  server.listen(port, host);
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

/** A real TLS server; the names that clients asked for are in `asked`. */
async function serve(pair: Leaf, host?: string, port?: number) {
  const asked: string[] = [];
  function SNICallback(name: string, done: (error: null) => void): void {
    asked.push(name);
    done(null);
  }
  const server = createServer({ ...pair, SNICallback }, (socket) => void socket.on("error", () => undefined));
  return { port: await listen(server, host, port), asked };
}

function look(settings: object, signal?: AbortSignal): Promise<Reading> {
  return certificate.look(subjectOf("certificate"), settings, useOf({ now: NOW, ...(signal && { signal }) }));
}

async function lookAt(pair: Leaf, settings: object = {}): Promise<Reading> {
  const { port } = await serve(pair);
  return look({ address: `127.0.0.1:${port}`, servername: NAME, ca, ...settings });
}

test.each([
  ["fresh", 1, 44, "ok", "certificate expires in 44 days (45-day certificate)"],
  ["a third left", 30.1, 14.9, "warning", "certificate expires in 14 days (45-day certificate)"],
  ["a sixth left", 39, 6, "critical", "certificate expires in 6 days (45-day certificate)"],
  ["a long life, 71 hours left", 10, 71 / 24, "critical", "certificate expires in 2 days (13-day certificate)"],
  ["six days in all, 60 hours left", 3.5, 2.5, "ok", "certificate expires in 2 days (6-day certificate)"],
  ["six days in all, 23 hours left", 5, 23 / 24, "critical", "certificate expires in 23 hours (6-day certificate)"],
  ["a day in all", 0.2, 0.8, "critical", "certificate expires in 19 hours (24-hour certificate)"],
  ["gone", 45, -3 / 24, "critical", "certificate expired 3 hours ago"],
  [
    "yet to come",
    -2,
    40,
    "critical",
    `certificate is not valid before ${new Date(NOW.getTime() + 2 * DAY).toISOString().slice(0, 10)}`,
  ],
])("expiry: %s", async (_case, past, left, level, summary) => {
  const reading = await lookAt(await leaf(past * DAY, left * DAY));
  expect(reading).toMatchObject({ level, summary, value: Math.round((left * DAY) / 1_000) });
});

test("thresholds are settings", async () => {
  const pair = await leaf(39 * DAY, 6 * DAY);
  expect(await lookAt(pair, { critical: "10 %" })).toMatchObject({ level: "warning" });
  expect(await lookAt(pair, { warning: "1/10", critical: 0.1 })).toMatchObject({ level: "ok" });
});

/** Where renewals put it; the text is no certificate where it is none. */
async function store(text: string): Promise<{ file: string }> {
  const file = join(folder, `stored-${Math.random()}.pem`);
  await writeFile(file, text);
  return { file };
}

const AUTOMATIC = { renewal: "automatic" };

test.each([
  [29, 61, "ok", "certificate expires in 61 days (90-day certificate)"],
  [59, 31, "ok", "certificate expires in 31 days (90-day certificate)"],
  [61, 29, "warning", "renewal is late; certificate expires in 29 days (90-day certificate)"],
  [76, 14, "critical", "renewal is late; certificate expires in 14 days (90-day certificate)"],
  [91, -1, "critical", "renewal is late; certificate expired 1 day ago"],
])("renewed automatically, %i days old with %i left", async (past, left, level, summary) => {
  expect(await lookAt(await leaf(past * DAY, left * DAY), AUTOMATIC)).toMatchObject({ level, summary });
});

test("a late renewal says that nothing newer is stored, where that can be seen", async () => {
  const served = await leaf(61 * DAY, 29 * DAY);
  const summary = "renewal is late, nothing newer is stored; certificate expires in 29 days (90-day certificate)";
  expect(await lookAt(served, { ...AUTOMATIC, stored: await store(served.cert) })).toMatchObject({
    level: "warning",
    summary,
    evidence: { Stored: expect.stringMatching(/^until .* UTC, serial 01/) },
  });
  const older = await leaf(150 * DAY, -60 * DAY);
  expect(await lookAt(served, { ...AUTOMATIC, stored: await store(older.cert) })).toMatchObject({ summary });
});

test.each([
  ["long before its end", 29, 61, "warning", "certificate expires in 61 days (90-day certificate)"],
  ["late", 61, 29, "warning", "certificate expires in 29 days (90-day certificate)"],
  ["near its end", 80, 10, "critical", "certificate expires in 10 days (90-day certificate)"],
  ["after its end", 91, -1, "critical", "certificate expired 1 day ago"],
])("renewed, not served: %s", async (_case, past, left, level, words) => {
  const renewed = await leaf(DAY, 89 * DAY, { issuer: intermediate, chain: [intermediate] });
  const stored = await store(renewed.cert);
  const reading = await lookAt(await leaf(past * DAY, left * DAY), { ...AUTOMATIC, stored });
  expect(reading).toMatchObject({
    level,
    summary: `renewed, not served: the stored one lasts 89 days; ${words}`,
    value: left * 86_400,
  });
  expect(await lookAt(renewed, { ...AUTOMATIC, stored, ca: undefined })).not.toMatchObject({
    summary: expect.stringContaining("not served"),
  });
});

test("an address that serves the old one beside others that serve the new one is named", async () => {
  const renewed = await leaf(DAY, 89 * DAY);
  const good = await serve(renewed);
  const old = await serve(await leaf(29 * DAY, 61 * DAY));
  const address = [`127.0.0.1:${good.port}`, `127.0.0.1:${old.port}`];
  const stored = await store(renewed.cert);
  expect(await look({ address, servername: NAME, ca, stored })).toMatchObject({
    level: "warning",
    summary: `renewed, not served: the stored one lasts 89 days; certificate expires in 61 days (90-day certificate) at 127.0.0.1:${old.port}`,
  });
});

test("a stored certificate that cannot be read leaves a question open, and hides nothing", async () => {
  const fine = await leaf(DAY, 44 * DAY);
  expect(await lookAt(fine, { stored: { file: "/nowhere/shop.pem" } })).toMatchObject({
    level: "unknown",
    summary: "the stored certificate cannot be read: there is no such file",
    evidence: { Stored: "/nowhere/shop.pem: there is no such file" },
  });
  expect(await lookAt(fine, { stored: await store("hello") })).toMatchObject({
    level: "unknown",
    summary: "the stored certificate cannot be read: it holds no certificate",
  });
  const late = await leaf(61 * DAY, 29 * DAY);
  expect(await lookAt(late, { ...AUTOMATIC, stored: { file: folder } })).toMatchObject({
    level: "warning",
    summary: "renewal is late; certificate expires in 29 days (90-day certificate)",
    evidence: { Stored: `${folder}: it is a folder` },
  });
});

test("the evidence names the address, serial, issuer and end", async () => {
  const { port, asked } = await serve(await leaf(DAY, 44 * DAY));
  const { evidence } = await look({ address: `127.0.0.1:${port}`, servername: NAME, ca });
  const served = await servedCertificate(`127.0.0.1:${port}`, NAME, {
    ca: root.pem,
    signal: AbortSignal.timeout(5_000),
  });
  const until = new Date(NOW.getTime() + 44 * DAY).toISOString().replace("T", " ").slice(0, 16);
  expect(evidence).toEqual({
    [`127.0.0.1:${port}`]: `until ${until} UTC, serial ${served.serial}, issued by Daytwo test root`,
  });
  expect(served).toMatchObject({
    authorized: true,
    problem: undefined,
    serial: expect.stringMatching(/^01[0-9A-F]{14}$/),
  });
  expect(served.covers(NAME)).toBe(true);
  expect(served.notAfter).toEqual(new Date(NOW.getTime() + 44 * DAY));
  expect(asked).toEqual([NAME, NAME]);
});

test.each([
  [["other.example.com"], {}, "critical", `certificate is not valid for ${NAME}`],
  [["*.example.com"], {}, "ok", "certificate expires in 44 days (45-day certificate)"],
  [["127.0.0.1"], { servername: "127.0.0.1" }, "ok", "certificate expires in 44 days (45-day certificate)"],
  [[NAME], { servername: "127.0.0.1" }, "critical", "certificate is not valid for 127.0.0.1"],
  [[NAME, "a.example"], { names: ["a.example"] }, "ok", "certificate expires in 44 days (45-day certificate)"],
  [[NAME], { names: ["a.example", "b.example"] }, "warning", "certificate is not valid for a.example, b.example"],
])("a certificate for %j, with %j", async (names, settings, level, summary) => {
  expect(await lookAt(await leaf(DAY, 44 * DAY, { names }), settings)).toMatchObject({ level, summary });
});

test("a missing intermediate is critical; with it the chain is trusted", async () => {
  const wish = { issuer: intermediate };
  expect(await lookAt(await leaf(DAY, 44 * DAY, wish))).toMatchObject({
    level: "critical",
    summary:
      "certificate is not trusted: the server does not send its intermediate certificates, or its issuer is not trusted here",
  });
  expect(await lookAt(await leaf(DAY, 44 * DAY, { ...wish, chain: [intermediate] }))).toMatchObject({ level: "ok" });
});

test("an issuer that is not trusted here is critical", async () => {
  const pair = await leaf(DAY, 44 * DAY, { issuer: intermediate, chain: [intermediate, root] });
  expect(await lookAt(pair, { ca: undefined })).toMatchObject({
    level: "critical",
    summary: "certificate is not trusted: its issuer is not trusted here",
  });
});

test("every address is looked at and the worst decides", async () => {
  const good = await serve(await leaf(DAY, 44 * DAY));
  const gone = await serve(await leaf(50 * DAY, -2 * DAY), "::1");
  const address = [`127.0.0.1:${good.port}`, `[::1]:${gone.port}`];
  const reading = await look({ address, servername: NAME, ca });
  expect(reading).toMatchObject({
    level: "critical",
    value: -2 * 86_400,
    summary: `certificate expired 2 days ago at [::1]:${gone.port}`,
  });
  expect(Object.keys(reading.evidence)).toEqual(address);
});

test("an address that nobody listens at is critical even beside a good one", async () => {
  const { port } = await serve(await leaf(DAY, 44 * DAY, { names: ["localhost"] }));
  expect(await look({ address: [`localhost:${port}`, `[::1]:${port}`], servername: "localhost", ca })).toMatchObject({
    level: "critical",
    value: 44 * 86_400,
    summary: `no certificate: connection refused at [::1]:${port}`,
  });
});

test("a name that does not resolve, and a name service that does not answer, are told apart", async () => {
  const reading = await look({ address: "daytwo.invalid" });
  expect(reading).toMatchObject(
    reading.level === "unknown"
      ? { summary: "no certificate: the name service does not answer" }
      : { level: "critical", summary: "no certificate: the name does not exist" },
  );
});

test("what does not speak TLS, hangs up or says nothing is critical", async () => {
  const plain = await listen(createSocketServer((socket) => void socket.write("220 mail.example ESMTP\r\n")));
  expect(await look({ address: `127.0.0.1:${plain}` })).toMatchObject({
    level: "critical",
    summary: "no certificate: it does not speak TLS as we do",
  });
  const hangingUp = await listen(createSocketServer((socket) => void socket.end().resume()));
  expect(await look({ address: `127.0.0.1:${hangingUp}` })).toMatchObject({
    level: "critical",
    summary: "no certificate: the connection was cut",
  });
  const silent = await listen(createSocketServer((socket) => void socket.resume()));
  expect(await look({ address: `127.0.0.1:${silent}` }, AbortSignal.timeout(200))).toMatchObject({
    level: "critical",
    summary: "no certificate: the connection timed out",
  });
  await expect(look({ address: `127.0.0.1:${silent}` }, AbortSignal.abort(new Error("stopping")))).rejects.toThrow(
    "stopping",
  );
});

test("a file of trusted issuers that cannot be read is said", async () => {
  const { port } = await serve(await leaf(DAY, 44 * DAY));
  await expect(look({ address: `127.0.0.1:${port}`, ca: { file: "/nowhere/root.pem" } })).rejects.toThrow(
    "The file of trusted issuers /nowhere/root.pem cannot be read.",
  );
});

test.each([
  ["shop.example.com:8443", { host: "shop.example.com", port: 8443 }],
  ["shop.example.com", { host: "shop.example.com", port: 443 }],
  ["10.0.0.1:443", { host: "10.0.0.1", port: 443 }],
  ["[::1]:8443", { host: "::1", port: 8443 }],
  ["::1", { host: "::1", port: 443 }],
  ["https://shop.example.com", undefined],
  ["shop.example.com/path", undefined],
  ["shop.example.com:0", undefined],
  ["shop.example.com:70000", undefined],
  ["[shop]:443", undefined],
  ["", undefined],
])("the address %j", (text, parsed) => {
  expect(parseAddress(text)).toEqual(parsed);
});
