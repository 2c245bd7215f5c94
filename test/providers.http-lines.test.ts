import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { afterEach, expect, test } from "vitest";
import { listen } from "../src/providers/http-lines.ts";
import { openJsonServer, type JsonServer } from "./support/json-server.ts";

/** Answers that go on: what is heard of them, and how they end. */

let server: JsonServer;
afterEach(() => server.close());

async function hears(answer: (response: ServerResponse) => void | Promise<void>, silence = 20_000): Promise<unknown[]> {
  server = await openJsonServer({
    async answer({ response }) {
      await answer(response);
      return null;
    },
    isChange: () => false,
    says: () => null,
  });
  const lines: unknown[] = [];
  const { signal } = new AbortController();
  const ended = listen(
    { method: "GET", url: new URL(server.url) },
    { signal, silence, begun: () => lines.push("begun"), heard: (line) => lines.push(line) },
  );
  lines.push(await ended.catch((error: unknown) => String(error)));
  return lines;
}

test("lines are heard whole, however they come; what is none or too long is left out", async () => {
  const lines = await hears(async (response) => {
    response.write('{"a":"');
    response.write(Buffer.from("ü").subarray(0, 1));
    response.write(Buffer.from("ü").subarray(1));
    response.write('"}\n{"b":1}\nnonsense\n\n');
    const long = `"${"x".repeat(9 * 2 ** 20)}"\n`;
    if (!response.write(long)) await once(response, "drain");
    response.end('{"c":2}\n{"half":');
  });
  expect(lines).toEqual(["begun", { a: "ü" }, { b: 1 }, { c: 2 }, null]);
});

test("a refusal is handed back; what breaks off or says nothing any more has not answered", async () => {
  const refused = await hears((response) => void response.writeHead(403).end('{"kind":"Status"}'));
  expect(refused).toMatchObject([{ status: 403, body: { kind: "Status" } }]);
  await server.close();
  expect(await hears((response) => void response.write("1\n", () => response.destroy()))).toEqual([
    "begun",
    1,
    "Unanswered: no answer came",
  ]);
  await server.close();
  expect(await hears((response) => void response.write("1\n"), 100)).toEqual([
    "begun",
    1,
    "Unanswered: no answer came",
  ]);
});
