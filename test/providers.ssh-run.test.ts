import { existsSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CANCELLED } from "../src/providers/provider.ts";
import { hostile } from "./support/hostile.ts";
import { openLine } from "./support/line.ts";
import { openSshDesk, type SshDesk } from "./support/ssh-desk.ts";
import { whyNoSshd } from "./support/sshd.ts";

/** What is run on a host: its arguments are what they are, and how it goes on and ends is known as far as can be. */

describe.skipIf(whyNoSshd !== "")(`what is run over SSH${whyNoSshd}`, () => {
  let desk: SshDesk;
  let shop: string;
  let home: string;

  beforeAll(async () => {
    desk = await openSshDesk();
    ({ shop, home } = desk.sshd);
  });
  afterAll(() => desk.close());

  describe("programs", () => {
    test("500 values, whatever they are, are 500 literal arguments", async () => {
      const echo = await desk.program(
        "echo-arguments",
        `#!${process.execPath}\nconsole.log(JSON.stringify(process.argv.slice(2)));\n`,
      );
      const values = hostile(500);
      expect(await desk.apply(await desk.task([echo, ...values]))).toMatchObject({ kind: "done" });
      expect(JSON.parse(desk.lines.join("\n"))).toEqual(values);
      expect(existsSync(join(shop, "current", "pwned"))).toBe(false);
    });

    test("what they print comes as they print it, and is there for whoever looks later", async () => {
      const talk = await desk.program(
        "talk",
        `#!/bin/sh\nprintf 'one\\nend\\nrefused no\\n'; while [ ! -e ${home}/go ]; do sleep 0.05; done; printf 'zw\\303\\266lf'; echo oops >&2`,
      );
      const plan = await desk.task([talk]);
      const outcome = desk.apply(plan);
      await expect.poll(() => desk.lines, { timeout: 20_000 }).toEqual(["one", "end", "refused no"]);
      expect(await desk.verify(plan)).toMatchObject({ kind: "pending", seen: "refused no" });
      await writeFile(join(home, "go"), "");
      expect(await outcome).toMatchObject({ kind: "done" });
      expect(desk.lines).toEqual(["one", "end", "refused no", "zwölfoops"]);
      expect(await desk.verify(plan)).toMatchObject({ kind: "holds", printed: desk.lines });
    });

    test("one that ends badly, takes too long or is not there has failed, and says how", async () => {
      const exits = await desk.program("exits", "#!/bin/sh\necho it is broken; exit 3\n");
      const plan = await desk.task([exits]);
      expect(await desk.apply(plan)).toEqual({ kind: "failed", reason: "it ended with exit status 3" });
      expect(await desk.verify(plan)).toMatchObject({
        kind: "failed",
        seen: "it ended with exit status 3: it is broken",
      });
      const sleeps = await desk.program("sleeps", "#!/bin/sh\nsleep 60\n");
      expect(await desk.apply(await desk.task([sleeps], 1_000))).toEqual({
        kind: "failed",
        reason: "it was stopped after 1 second",
      });
      await rm(exits);
      expect(await desk.apply(await desk.task([exits]))).toEqual({
        kind: "failed",
        reason: "what it runs is not there",
      });
    });

    test("one that a person stops is stopped", async () => {
      const waits = await desk.program("waits", "#!/bin/sh\necho begun; sleep 60\n");
      const plan = await desk.task([waits]);
      const off = new AbortController();
      const outcome = desk.apply(plan, { signal: off.signal });
      await expect.poll(() => desk.lines, { timeout: 20_000 }).toEqual(["begun"]);
      off.abort(CANCELLED);
      expect(await outcome).toEqual({ kind: "failed", reason: "it was stopped" });
      expect(desk.lines).toEqual(["begun"]);
      expect(await desk.verify(plan)).toMatchObject({ kind: "failed" });
    });

    test("while one runs nothing else is done, and what it leaves running keeps nobody out", async () => {
      const waits = await desk.program(
        "holds",
        `#!/bin/sh\nwhile [ ! -e ${home}/let-go ]; do sleep 0.05; done\nsleep 5 &\n`,
      );
      const plan = await desk.task([waits]);
      const outcome = desk.apply(plan);
      const token = desk.token();
      await expect.poll(async () => (await desk.verify(plan, { token })).kind, { timeout: 20_000 }).toBe("pending");
      expect(await desk.apply(await desk.plan("restart"))).toMatchObject({ kind: "later", after: 2_000 });
      await writeFile(join(home, "let-go"), "");
      expect(await outcome).toMatchObject({ kind: "done" });
      expect(await desk.apply(await desk.plan("restart"))).toMatchObject({ kind: "done" });
    });

    test("when the host loses it midway, nobody says that it ended", async () => {
      const breaks = await desk.program(
        "breaks",
        `#!/bin/sh\nread -r _ _ _ worker _ </proc/$PPID/stat\nkill -9 "$worker"\n`,
      );
      const plan = await desk.task([breaks]);
      expect(await desk.apply(plan)).toEqual({ kind: "unknown", reason: "it broke off on the host" });
      expect(await desk.verify(plan)).toMatchObject({
        kind: "differs",
        seen: "it broke off on the host; release v142 is current",
      });
      expect(await desk.apply(plan, { token: desk.token() })).toMatchObject({ kind: "unknown" });
    });
  });

  test("a connection that is cut midway is not known; looking follows what goes on without it", async () => {
    const goes = await desk.program(
      "goes-on",
      `#!/bin/sh\necho begun; while [ ! -e ${home}/on ]; do sleep 0.05; done; echo ended\n`,
    );
    const line = await openLine(desk.sshd.port);
    const plan = await desk.task([goes]);
    const outcome = desk.apply(plan, { target: desk.target({ port: line.port }) });
    await expect.poll(() => desk.lines, { timeout: 20_000 }).toEqual(["begun"]);
    line.cut();
    expect(await outcome).toMatchObject({ kind: "unknown", reason: "the host 127.0.0.1 did not answer" });
    expect(await desk.verify(plan)).toMatchObject({ kind: "pending", seen: "begun" });
    await writeFile(join(home, "on"), "");
    await expect.poll(async () => (await desk.verify(plan)).kind, { timeout: 20_000 }).toBe("holds");
    expect(await desk.verify(plan)).toMatchObject({ printed: ["begun", "ended"] });
    await line.close();
  });
});
