import { DatabaseError } from "pg";
import { networkProblem } from "../checks/network-problem.ts";
import { fileProblem } from "../file-problem.ts";

/** Why our own database cannot be used, for whoever set it up. Neither holds an address, a name or a password of it. */
export type DatabaseProblem = { readonly sentence: string; readonly hint: string };

const OLDEST = 15; // the first major version with all that the migrations use

/** Null for a server that is new enough. */
export function tooOld(version: number): DatabaseProblem | null {
  if (version >= OLDEST) return null;
  return {
    sentence: `The database is PostgreSQL ${version}; Daytwo needs ${OLDEST} or newer.`,
    hint: "Upgrade the server, or leave DATABASE_URL unset to use the embedded one.",
  };
}

/** Null for UTF8. SQL_ASCII keeps any bytes, but counts, cuts and compares them as bytes: half a letter, and the wrong lengths. */
export function cannotHold(encoding: string): DatabaseProblem | null {
  if (encoding === "UTF8") return null;
  return {
    sentence: `The database keeps text as ${encoding}; Daytwo needs UTF8.`,
    hint: "Make another one: create database … encoding 'UTF8' template template0.",
  };
}

/** What the driver threw, or PostgreSQL or a pooler answered, in a sentence and with the next step. */
export function databaseProblem(error: unknown): DatabaseProblem {
  const [words, hint] = byServer(error) ?? byFile(error) ?? byNetwork(error) ?? byDriver(error) ?? unknown(error);
  return { sentence: `The database cannot be used: ${words}.`, hint };
}

type Problem = readonly [words: string, hint: string];

const CHECK = "Check DATABASE_URL, and that the server is up and lets this machine in.";
const TLS = "docs/running.md says what to add to DATABASE_URL for TLS.";

/** By SQLSTATE. */
const STATES: Readonly<Record<string, Problem>> = {
  "28P01": [
    "it refuses the password",
    "Correct the password in DATABASE_URL; special characters must be percent-encoded.",
  ],
  "28000": ["it does not let us in", "See that the server lets this role and this machine in."],
  "3D000": ["it has no database of that name", "Create the database, or correct its name in DATABASE_URL."],
  "53300": ["all its connections are in use", "Free some, or raise max_connections."],
  "57P03": ["it is starting up or shutting down", "Try again in a minute; if it stays so, the server's log tells why."],
  "25006": [
    "it takes no changes",
    "It stands by for another server, or is set to read only: let DATABASE_URL name the one that takes changes.",
  ],
  "53100": ["its disk is full", "Make room on it; Daytwo goes on by itself."],
  "42501": [
    "our role may not read our own tables",
    "Grant our role what it needs on schema daytwo, or make it the owner.",
  ],
};

/** What one SQLSTATE does not tell apart. */
const ANSWERS: readonly (readonly [RegExp, Problem])[] = [
  [/no pg_hba\.conf entry .*(no encryption|SSL off)/i, ["it lets us in over TLS only", TLS]],
  [
    /^permission denied for database/i,
    ["our role may not make its tables there", "Grant our role CREATE on the database."],
  ],
  [
    /unsupported (startup parameter|options)/i,
    [
      "the pooler before it does not pass our settings on",
      "Connect to the server itself, or let the pooler pass them.",
    ],
  ],
];

function byServer(error: unknown): Problem | undefined {
  if (!(error instanceof DatabaseError)) return undefined;
  return ANSWERS.find(([pattern]) => pattern.test(error.message))?.[1] ?? STATES[error.code ?? ""];
}

/** A file of TLS that DATABASE_URL names, which the driver reads before it connects. */
function byFile(error: unknown): Problem | undefined {
  const words = fileProblem(error);
  const isRead = error instanceof Error && "syscall" in error && ["open", "read"].includes(String(error.syscall));
  if (!isRead || words === undefined) return undefined;
  return [
    `a file that its address names cannot be read: ${words}`,
    "Correct sslrootcert, sslcert or sslkey in DATABASE_URL.",
  ];
}

/** By the words for what happened on the way. */
const WAYS: readonly (readonly [RegExp, string])[] = [
  [/certificate|TLS/, TLS],
  [/name (does not exist|service)/, "Correct the host in DATABASE_URL; it must have that name here too."],
  [/refused/, CHECK],
  [/./, "See that the server is up, and that firewalls let this machine reach its port."],
];

function byNetwork(error: unknown): Problem | undefined {
  const words = networkProblem(error)?.words;
  if (words === undefined) return undefined;
  return [words, WAYS.find(([pattern]) => pattern.test(words))?.[1] ?? CHECK];
}

/** What the driver says without a code. */
const DRIVER: readonly (readonly [RegExp, Problem])[] = [
  [
    /timeout/i,
    ["it does not answer in time", "See that the server is up, and that firewalls let this machine reach its port."],
  ],
  [
    /does not support SSL/i,
    [
      "it does not speak TLS, and DATABASE_URL asks for it",
      "Turn TLS on in the server; only where the way to it is safe, take `sslmode` out of DATABASE_URL.",
    ],
  ],
  [
    /password must be a/i,
    ["it wants a password, and DATABASE_URL has none", "Write it as postgres://role:password@host/database."],
  ],
  [/terminated/i, ["it closed our connection", "Try again in a minute; if it stays so, the server's log tells why."]],
];

function byDriver(error: unknown): Problem | undefined {
  return DRIVER.find(([pattern]) => error instanceof Error && pattern.test(error.message))?.[1];
}

function unknown(error: unknown): Problem {
  const code = error instanceof Error && "code" in error ? ` (${String(error.code)})` : "";
  return [`it failed in a way that Daytwo does not know${code}`, CHECK];
}
