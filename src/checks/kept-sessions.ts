import type { Ask } from "./postgres-survey.ts";

/**
 * Sessions with watched databases that outlive a look: who is let in before a server is full can still ask it who fills
 * it. The worker that opens this owns them, and closes it when it stops.
 */

export type Session = {
  readonly ask: Ask;
  isAlive(): boolean;
  /** Safe to call twice. */
  close(): Promise<void>;
};

export type KeptSessions = {
  /** What is kept of a database; whoever takes it gives it back with `keep`, or closes it. */
  take(database: string): Session | undefined;
  /**
   * Keeps a session, with no transaction open, in the place of the one that was kept of that database: never more than
   * one, and always the freshest. `owner` is the key of the check that has it.
   */
  keep(owner: string, database: string, session: Session): Promise<void>;
  /** Closes those of checks that are no more. */
  keepOnly(isOwner: (key: string) => boolean): Promise<void>;
  close(): Promise<void>;
};

const MOST = 100;

/** @param most how many databases; sessions with further ones are closed at once */
export function openKeptSessions(most = MOST): KeptSessions {
  const kept = new Map<string, { readonly owner: string; readonly session: Session }>();
  let room = most;

  async function closeThose(matches: (owner: string) => boolean): Promise<void> {
    const leaving = [...kept].filter(([, { owner }]) => matches(owner));
    for (const [database] of leaving) kept.delete(database);
    await Promise.all(leaving.map(([, { session }]) => session.close()));
  }

  return {
    take(database) {
      const session = kept.get(database)?.session;
      kept.delete(database);
      return session?.isAlive() === true ? session : undefined;
    },
    async keep(owner, database, session) {
      const before = kept.get(database)?.session;
      if (before === undefined && kept.size >= room) return session.close();
      kept.set(database, { owner, session });
      await before?.close();
    },
    keepOnly: (isOwner) => closeThose((owner) => !isOwner(owner)),
    async close() {
      room = 0;
      await closeThose(() => true);
    },
  };
}
