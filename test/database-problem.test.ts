import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { DatabaseError } from "pg";
import { openDatabase, openPool, reach } from "../src/db/open.ts";
import { databaseProblem, tooOld } from "../src/db/problem.ts";
import { Unavailable } from "../src/errors.ts";
import { openLog } from "../src/log.ts";
import { cloneDatabase, ownedDatabase, type TestDatabase } from "./support/database.ts";
import { onDatabase, standsBy } from "./support/server.ts";

/** Why Daytwo's own database cannot be used: one sentence with its next step, whichever command asks. */

const owner = `owner_${randomBytes(6).toString("hex")}`;
let database: TestDatabase;

beforeAll(async () => {
  database = await ownedDatabase(owner);
});
afterAll(() => database.drop());

/** What `reach` says of an address. */
async function said(change: (url: URL) => void): Promise<string> {
  const url = new URL(database.url);
  change(url);
  const pool = openPool(url.href, openLog("silent"));
  const error = await reach(pool).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  await pool.end();
  expect(error).toBeInstanceOf(Unavailable);
  return `${(error as Unavailable).message} ${(error as Unavailable).hint}`;
}

test("a database that can be used is not complained about", async () => {
  const pool = openPool(database.url, openLog("silent"));
  await expect(reach(pool)).resolves.toBeUndefined();
  await pool.end();
});

test("what a real server refuses, and what is no server", async () => {
  const wrong = await said((url) => (url.password = "SECRET"));
  expect(wrong).toMatch(/^The database cannot be used: it refuses the password\. Correct the password/);
  expect(wrong).not.toContain("SECRET");
  expect(await said((url) => (url.password = ""))).toMatch(/: it wants a password, and DATABASE_URL has none\. Write/);
  expect(await said((url) => (url.pathname = "/nowhere"))).toMatch(/: it has no database of that name\. Create/);
  expect(await said((url) => (url.port = "1"))).toMatch(/: connection refused\. Check DATABASE_URL/);
  expect(await said((url) => url.searchParams.set("sslmode", "verify-full"))).toMatch(
    /: it does not speak TLS, and DATABASE_URL asks for it\. Turn TLS on/,
  );
});

test("a file that its address names, and that is none", async () => {
  function asks(file: string): (url: URL) => void {
    return ({ searchParams }) => {
      searchParams.set("sslmode", "verify-full");
      searchParams.set("sslrootcert", file);
    };
  }
  expect(await said(asks("/nowhere/ca.pem"))).toMatch(
    /: a file that .* cannot be read: there is no such file\. Correct/,
  );
  expect(await said(asks("/"))).toMatch(/: a file that its address names cannot be read: it is a folder\. Correct/);
});

test("something that answers nothing", async () => {
  const silent = createServer().listen(0, "127.0.0.1");
  await once(silent, "listening");
  const port = String((silent.address() as AddressInfo).port);
  expect(await said((url) => (url.port = port))).toMatch(/: it does not answer in time\. See that the server is up/);
  silent.close();
});

test("a server without a connection left for us", async () => {
  await onDatabase(inject("postgres"), `alter role ${owner} connection limit 0`);
  expect(await said(() => undefined)).toMatch(/: all its connections are in use\. Free some/);
  await onDatabase(inject("postgres"), `alter role ${owner} connection limit -1`);
});

/** As the driver throws them; the first three are what people meet on managed services. */
function answered(code: string, message: string): DatabaseError {
  return Object.assign(new DatabaseError(message, message.length, "error"), { code });
}
function failed(code: string): Error {
  return Object.assign(new Error(`${code} at shop-db.example.com`), { code });
}

test.each([
  [
    answered("28000", 'no pg_hba.conf entry for host "10.0.0.7", user "me", database "shop", no encryption'),
    "it lets us in over TLS only",
    "docs/running.md says what to add",
  ],
  [failed("SELF_SIGNED_CERT_IN_CHAIN"), "its certificate comes from an issuer", "docs/running.md says what to add"],
  [failed("ERR_TLS_CERT_ALTNAME_INVALID"), "its certificate is not valid for this name", "docs/running.md"],
  [answered("28000", 'role "me" is not permitted to log in'), "it does not let us in", "See that the server lets"],
  [answered("08P01", "unsupported startup parameter in options: role"), "the pooler before it", "Connect to the"],
  [answered("57P03", "the database system is starting up"), "it is starting up", "Try again"],
  [answered("53100", "could not extend file: No space left on device"), "its disk is full", "Make room on it"],
  [failed("ENOTFOUND"), "the name does not exist", "Correct the host in DATABASE_URL"],
  [failed("EAI_AGAIN"), "the name service does not answer", "Correct the host in DATABASE_URL"],
  [failed("EHOSTUNREACH"), "no route to the host", "firewalls let this machine reach"],
  [new AggregateError([failed("ECONNREFUSED"), failed("ECONNREFUSED")]), "connection refused", "Check DATABASE_URL"],
  [answered("XX000", "secret words"), "it failed in a way that Daytwo does not know (XX000)", "Check DATABASE_URL"],
])("%s", (error, words, hint) => {
  const problem = databaseProblem(error);
  expect(problem.sentence).toContain(`The database cannot be used: ${words}`);
  expect(problem.hint).toContain(hint);
  expect(`${problem.sentence} ${problem.hint}`).not.toMatch(/example\.com|10\.0\.0\.7|secret words/);
});

test("a server that takes no changes: nothing can be kept there", async () => {
  const standby = await cloneDatabase();
  await standsBy(standby.url);
  const opened = openDatabase(standby.url, { log: openLog("silent"), here: false });
  await expect(opened).rejects.toMatchObject({
    name: "Unavailable",
    message: "The database cannot be used: it takes no changes.",
  });
  await standby.drop();
});

test("settings of the database that are another's taste change nothing, and what cannot work is said", async () => {
  const url = new URL(inject("postgres"));
  const name = `odd_${randomBytes(6).toString("hex")}`;
  const stranger = `stranger_${randomBytes(6).toString("hex")}`;
  url.pathname = "/postgres";
  await onDatabase(url.href, `create database ${name} encoding 'LATIN1' locale 'C' template template0`);
  await onDatabase(url.href, `create role ${stranger} login password 'owner'`);
  const odd = await ownedDatabase(`odd_${randomBytes(6).toString("hex")}`);
  await onDatabase(url.href, `alter database ${new URL(odd.url).pathname.slice(1)} set datestyle = 'German'`);
  const opened = await openDatabase(odd.url, { log: openLog("silent"), here: false });
  expect((await opened.query<{ now: unknown }>("select now()")).rows[0]?.now).toBeInstanceOf(Date);
  await opened.end();

  const strange = new URL(odd.url);
  strange.username = stranger;
  await expect(openDatabase(strange.href, { log: openLog("silent"), here: false })).rejects.toMatchObject({
    message: "The database cannot be used: our role may not make its tables there.",
    hint: "Grant our role CREATE on the database.",
  });
  url.pathname = `/${name}`;
  await expect(openDatabase(url.href, { log: openLog("silent"), here: false })).rejects.toMatchObject({
    message: "The database keeps text as LATIN1; Daytwo needs UTF8.",
  });
  url.pathname = "/postgres";
  await onDatabase(url.href, `drop database ${name}`);
  await odd.drop();
});

test("a database that keeps bytes and knows no letters", async () => {
  const url = new URL(inject("postgres"));
  const name = `bytes_${randomBytes(6).toString("hex")}`;
  url.pathname = "/postgres";
  await onDatabase(
    url.href,
    `create database ${name} owner ${owner} encoding 'SQL_ASCII' locale 'C' template template0`,
  );
  try {
    expect(await said((asked) => (asked.pathname = `/${name}`))).toBe(
      "The database keeps text as SQL_ASCII; Daytwo needs UTF8. Make another one: create database … encoding 'UTF8' template template0.",
    );
  } finally {
    await onDatabase(url.href, `drop database ${name}`);
  }
});

test("a server that is too old", () => {
  expect(tooOld(15)).toBeNull();
  expect(tooOld(14)).toEqual({
    sentence: "The database is PostgreSQL 14; Daytwo needs 15 or newer.",
    hint: "Upgrade the server, or leave DATABASE_URL unset to use the embedded one.",
  });
});
