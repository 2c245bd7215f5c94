import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { createServer as createSocketServer, type AddressInfo, type Server } from "node:net";
import { afterEach, expect, test } from "vitest";
import { http } from "../src/checks/http.ts";
import { networkProblem } from "../src/checks/network-problem.ts";
import type { Reading } from "../src/domain/reading.ts";
import { mintIssuer, mintLeaf } from "./support/certificates.ts";
import { subjectOf, useOf } from "./support/look.ts";

const open: Server[] = [];

afterEach(async () => {
  for (const server of open.splice(0)) await new Promise((resolve) => server.close(resolve));
});

/** A real server; what it was asked, on which connection, is in `seen`. */
async function serve(answer: (request: IncomingMessage, response: ServerResponse, turn: number) => void) {
  const seen: { path: string; headers: IncomingMessage["headers"]; method: string; port: number }[] = [];
  const server = createServer((request, response) => {
    const { url: path = "", headers, method = "", socket } = request;
    seen.push({ path, headers, method, port: socket.remotePort ?? 0 });
    answer(request, response, seen.length);
  });
  return { url: await listen(server), seen };
}

async function listen(server: Server): Promise<string> {
  open.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function look(settings: object, use: Parameters<typeof useOf>[0] = {}): Promise<Reading> {
  return http.look(subjectOf("http"), settings, useOf(use));
}

function reply(status: number, body = "") {
  return (_request: IncomingMessage, response: ServerResponse) => void response.writeHead(status).end(body);
}

test("a good answer is ok, and its address is shown without the query", async () => {
  const { url, seen } = await serve(reply(200, "hello"));
  const reading = await look({ url: `${url}/health?token=hush` });
  expect(reading).toEqual({
    level: "ok",
    value: 0,
    summary: expect.stringMatching(/^answers in \d+ ms$/),
    evidence: { Address: `${url}/health`, Answers: "200", Took: expect.stringMatching(/^\d+ ms$/) },
  });
  expect(seen).toMatchObject([{ path: "/health?token=hush", method: "GET", headers: { "user-agent": "Daytwo" } }]);
});

test("a share of failures above the limit is critical; every request has its own connection", async () => {
  const { url, seen } = await serve((_request, response, turn) => {
    response.writeHead(turn % 5 < 2 ? 500 : 200).end();
  });
  const reading = await look({ url, samples: 10, max_failures: "2 %" });
  expect(reading).toMatchObject({
    level: "critical",
    value: 0.4,
    summary: "40 % of requests fail (limit 2 %)",
    evidence: { Answers: "200 (6 times), 500 (4 times)" },
  });
  expect(new Set(seen.map((each) => each.port)).size).toBe(10);
});

test("a share of failures within the limit is ok and said", async () => {
  const { url } = await serve((_request, response, turn) => void response.writeHead(turn === 1 ? 503 : 200).end());
  expect(await look({ url, samples: 4, max_failures: 0.25 })).toMatchObject({
    level: "ok",
    value: 0.25,
    summary: "25 % of requests fail (limit 25 %)",
  });
});

test.each([
  [{}, 302, "ok", expect.stringMatching(/^answers in/)],
  [{}, 404, "critical", "answers 404"],
  [{}, 500, "critical", "answers 500"],
  [{ samples: 3 }, 500, "critical", "answers 500"],
  [{ expect: 404 }, 404, "ok", expect.stringMatching(/^answers in/)],
  [{ expect: ["2xx", "401"] }, 401, "ok", expect.stringMatching(/^answers in/)],
  [{ expect: "2XX" }, 302, "critical", "answers 302"],
  [{ contains: "well" }, 200, "ok", expect.stringMatching(/^answers in/)],
  [{ contains: "sick" }, 200, "critical", "answers 200 without the expected text"],
  [{ method: "HEAD" }, 200, "ok", expect.stringMatching(/^answers in/)],
])("%j and an answer of %d is %s", async (settings, status, level, summary) => {
  const { url, seen } = await serve(reply(status, "all is well"));
  expect(await look({ url, ...settings })).toMatchObject({ level, summary });
  expect(seen[0]?.method).toBe("method" in settings ? "HEAD" : "GET");
});

test("a refused connection is critical", async () => {
  const { url } = await serve(reply(200));
  await new Promise((resolve) => open.splice(0)[0]?.close(resolve));
  expect(await look({ url, samples: 3 })).toMatchObject({
    level: "critical",
    value: 1,
    summary: "does not answer: connection refused",
    evidence: { Answers: "connection refused (3 times)" },
  });
});

test("a connection that is cut, and an answer that is not HTTP, are critical", async () => {
  const { url: cutting } = await serve((request) => request.socket.destroy());
  expect(await look({ url: cutting })).toMatchObject({ summary: "does not answer: the connection was cut" });

  const strange = await listen(createSocketServer((socket) => socket.resume().end("220 mail.example ESMTP\r\n")));
  expect(await look({ url: strange })).toMatchObject({
    level: "critical",
    summary: "does not answer: it does not speak HTTP",
  });
});

test("a name that does not resolve, and a name service that does not answer, are told apart", async () => {
  const reading = await look({ url: "http://daytwo.invalid/" });
  expect(reading).toMatchObject(
    reading.level === "unknown"
      ? { summary: "the name service does not answer" }
      : { level: "critical", summary: "does not answer: the name does not exist" },
  );
});

test("a certificate that is not trusted is critical", async () => {
  const issuer = await mintIssuer("Daytwo test root");
  const life = { notBefore: new Date("2026-01-01"), notAfter: new Date("2040-01-01") };
  const pair = await mintLeaf(issuer, { names: ["127.0.0.1"], ...life, chain: [issuer] });
  const url = await listen(createTlsServer(pair, (_request, response) => response.end()));
  expect(await look({ url: url.replace("http:", "https:") })).toMatchObject({
    level: "critical",
    summary: "does not answer: its certificate comes from an issuer that is not trusted here",
  });
  expect(await look({ url: (await serve(reply(200))).url.replace("http:", "https:") })).toMatchObject({
    level: "critical",
    summary: "does not answer: it does not speak TLS as we do",
  });
});

test.each([
  ["EMFILE", { words: "too many open files here", ours: true }],
  ["CERT_SIGNATURE_FAILURE", { words: "its certificate is not trusted here", ours: false }],
  ["ERR_SSL_SOMETHING", { words: "it does not speak TLS as we do", ours: false }],
  ["EISDIR", undefined],
])("%s is told apart, also beneath other errors", (code, problem) => {
  const error = Object.assign(new Error("inner"), { code });
  expect(networkProblem(error)).toEqual(problem);
  expect(networkProblem(new Error("outer", { cause: error }))).toEqual(problem);
  expect(networkProblem(new AggregateError([new Error("first"), error]))).toEqual(problem);
});

test("no answer within the timeout is critical", async () => {
  const { url } = await serve(() => undefined);
  expect(await look({ url, timeout: "200ms" })).toMatchObject({
    level: "critical",
    summary: expect.stringMatching(/^does not answer: timed out after 2\d\d ms$/),
  });
});

test("the look's deadline counts as no answer, and requests not begun by then do not count", async () => {
  const { url, seen } = await serve(() => undefined);
  const reading = await look({ url, samples: 50 }, { signal: AbortSignal.timeout(450) });
  expect(reading).toMatchObject({ level: "critical", value: 1 });
  expect(seen.length).toBeLessThan(10);
});

test("a look that is called off for another reason says nothing about the address", async () => {
  const stop = new AbortController();
  const { url } = await serve(() => stop.abort(new Error("stopping")));
  await expect(look({ url, samples: 2 }, { signal: stop.signal })).rejects.toThrow("stopping");
});

test("slow answers are a warning", async () => {
  const { url } = await serve((_request, response) => void setTimeout(() => response.end("late"), 120));
  expect(await look({ url, slow: "50ms" })).toMatchObject({
    level: "warning",
    value: 0,
    summary: expect.stringMatching(/^takes 1\d\d ms \(limit 50 ms\)$/),
  });
});

test("a body is read to its cap, and what stands behind that is not found", async () => {
  let sent = 0;
  const { url } = await serve((_request, response) => {
    function more(): void {
      while (!response.destroyed && sent < 50_000_000) {
        sent += 65_536;
        if (!response.write("x".repeat(65_536))) return void response.once("drain", more);
      }
      response.end("needle");
    }
    more();
  });
  expect(await look({ url, contains: "needle" })).toMatchObject({ summary: "answers 200 without the expected text" });
  expect(sent).toBeLessThan(50_000_000);
});

test("redirects are followed only when asked for, and take no headers to another origin", async () => {
  const other = await serve(reply(200, "there"));
  const first = await serve((request, response) => {
    const onward: Record<string, string> = { "/start": "/middle", "/middle": `${other.url}/end`, "/loop": "/loop" };
    response.writeHead(302, { location: onward[request.url ?? ""] ?? "ftp://elsewhere/" }).end("moved");
  });
  const headers = { "x-api-key": "hush" };

  expect(await look({ url: `${first.url}/start`, headers, expect: 302 })).toMatchObject({ level: "ok" });
  expect(first.seen).toHaveLength(1);

  expect(await look({ url: `${first.url}/start`, headers, follow: true, contains: "there" })).toMatchObject({
    level: "ok",
  });
  expect(first.seen.map((each) => each.headers["x-api-key"])).toEqual(["hush", "hush", "hush"]);
  expect(other.seen.map((each) => each.headers["x-api-key"])).toEqual([undefined]);

  expect(await look({ url: `${first.url}/loop`, follow: true, expect: 200 })).toMatchObject({ summary: "answers 302" });
  expect(first.seen.filter((each) => each.path === "/loop")).toHaveLength(6);
  expect(await look({ url: `${first.url}/far`, follow: true, expect: 200 })).toMatchObject({ summary: "answers 302" });
});

test("headers may be references, whose value is never shown", async () => {
  const { url, seen } = await serve(reply(500, "your token is s3cret"));
  const reading = await look({ url, headers: { authorization: { env: "TOKEN" } } }, { secrets: { TOKEN: "s3cret\n" } });
  expect(seen[0]?.headers.authorization).toBe("s3cret");
  expect(JSON.stringify(reading)).not.toContain("s3cret");
});

test.each([
  [{ url: "shop.example.com" }, "Write an address that begins with http:// or https://."],
  [{ url: "ftp://shop.example.com" }, "Write an address that begins with http:// or https://."],
  [{ url: "https://ana:pw@shop.example.com" }, "Put the password into headers as a reference, not into the address."],
  [{ url: "http://a.example", expect: "fine" }, "Write a status like 200 or 2xx."],
  [{ url: "http://a.example", samples: 51 }, "Too big"],
  [{ url: "http://a.example", max_failures: 2 }, '"2" is not a share. Write it like 85 %, 1/3 or 0.85.'],
  [{ url: "http://a.example", timeout: "soon" }, '"soon" is not a duration.'],
  [{ url: "http://a.example", headers: { "a b": "c" } }, "This is not a header name."],
  [{ url: "http://a.example", headers: { Host: "c" } }, "This header is set by the connection itself."],
  [
    { url: "http://a.example", headers: { "x-a": { vault: "c" } } },
    "Write it out, or as { env: NAME } or { file: path }.",
  ],
  [{ url: "http://a.example", method: "HEAD", contains: "x" }, "HEAD brings no text: use method GET with contains."],
  [{ url: "http://a.example", colour: "red" }, "Unrecognized key"],
])("%j is refused", (settings, sentence) => {
  expect(JSON.stringify(http.settings.safeParse(settings).error?.issues)).toContain(
    JSON.stringify(sentence).slice(1, -1),
  );
});

test("settings that were read once may be read again", () => {
  const once = http.settings.parse({ url: "http://a.example", max_failures: "2 %", slow: "2s" });
  expect(http.settings.parse(JSON.parse(JSON.stringify(once)))).toEqual(once);
});
