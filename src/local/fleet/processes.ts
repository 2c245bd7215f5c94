import type { AppDefinition } from "./apps.ts";
import type { Balancer } from "./balancer.ts";
import { isHealthy, startInstance } from "./instance.ts";
import type { Instance } from "./instance.ts";

/** The processes of one app: started, watched, replaced and stopped until they are what is wanted. */

export type Wanted = { readonly release: string; readonly sizes: Readonly<Record<string, number>> };
export type Report = (line: string) => void;

export type Processes = {
  /**
   * Makes the running processes what is wanted: grows at once, then shrinks, then replaces one at a time, where the new
   * one serves before the old one is drained. @throws Error when a new process does not become healthy; then what ran
   * before still runs. Not to be called again before it is through.
   */
  become(wanted: Wanted, report: Report): Promise<void>;
  /** Marks the processes of one type, or all, so that the next `become` replaces them. */
  wearOut(process: string | undefined): void;
  count(process: string): { running: number; healthy: number };
  close(): Promise<void>;
};

export type Surroundings = {
  readonly definition: AppDefinition;
  readonly balancer: Balancer;
  /** What each process is given besides its type and release. */
  readonly given: object;
  readonly log: Report;
  /** A process ended by itself. */
  readonly onLoss: () => void;
};

type Pool = Surroundings & { readonly instances: Instance[] };

const LOOKS_EVERY = 2_000;

export function openProcesses(around: Surroundings): Processes {
  const pool: Pool = { ...around, instances: [] };
  const watch = setInterval(() => void look(pool), LOOKS_EVERY);
  return {
    async become({ release, sizes }, report) {
      const grown = await Promise.allSettled(
        Object.entries(sizes).map(([process, count]) => grow(pool, process, count, release, report)),
      );
      const failed = grown.find((one) => one.status === "rejected");
      if (failed !== undefined) throw failed.reason;
      for (const [process, count] of Object.entries(sizes)) await shrink(pool, process, count, report);
      for (const process of Object.keys(sizes)) await replace(pool, process, release, report);
    },
    wearOut(process) {
      for (const one of pool.instances) if (process === undefined || one.process === process) one.worn = true;
    },
    count(process) {
      const all = ofType(pool, process);
      return { running: all.length, healthy: all.filter(({ healthy }) => healthy).length };
    },
    async close() {
      clearInterval(watch);
      await Promise.all(pool.instances.map((one) => stop(pool, one)));
    },
  };
}

async function grow(pool: Pool, process: string, count: number, release: string, report: Report): Promise<void> {
  const missing = count - ofType(pool, process).length;
  if (missing <= 0) return;
  await Promise.all(Array.from({ length: missing }, () => start(pool, process, release)));
  report(`${process}: ${ofType(pool, process).length} running`);
}

async function shrink(pool: Pool, process: string, count: number, report: Report): Promise<void> {
  for (const surplus of ofType(pool, process).slice(count)) {
    await stop(pool, surplus);
    report(`${process}: ${ofType(pool, process).length} running`);
  }
}

async function replace(pool: Pool, process: string, release: string, report: Report): Promise<void> {
  const old = ofType(pool, process).filter((one) => one.worn || one.release !== release);
  for (const [index, one] of old.entries()) {
    await start(pool, process, release);
    await stop(pool, one);
    report(`${process}: ${index + 1} of ${old.length} replaced, now ${release}`);
  }
}

async function start(pool: Pool, process: string, release: string): Promise<void> {
  const { definition, given, log, balancer } = pool;
  const instance = await startInstance(definition.module, { process, release }, given, log);
  pool.instances.push(instance);
  if (process === "web") balancer.add(instance);
  void instance.guarded.gone.then(async () => {
    if (instance.stopping) return;
    log(`${definition.name}: a ${process} process ended by itself`);
    await stop(pool, instance);
    pool.onLoss();
  });
}

async function stop(pool: Pool, instance: Instance): Promise<void> {
  instance.stopping = true;
  pool.instances.splice(0, pool.instances.length, ...pool.instances.filter((one) => one !== instance));
  await pool.balancer.drain(instance);
  await instance.guarded.stop();
}

function ofType(pool: Pool, process: string): Instance[] {
  return pool.instances.filter((one) => one.process === process);
}

async function look(pool: Pool): Promise<void> {
  await Promise.all(
    pool.instances.map(async (one) => {
      one.healthy = await isHealthy(one.port);
    }),
  );
}
