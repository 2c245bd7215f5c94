import { cp, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { join } from "node:path";

/**
 * Broken variants of Daytwo, which the run must catch: a copy of the tree with exact edits, so that no shipped line knows
 * of a defect. `stories` are what brings it out.
 */
export type Defect = {
  readonly name: string;
  readonly says: string;
  /** The invariant that it breaks. */
  readonly breaks: string;
  readonly edits: readonly Edit[];
  readonly stories: readonly string[];
};
export type Edit = { readonly file: string; readonly from: string; readonly to: string };

export const DEFECTS: readonly Defect[] = [
  {
    name: "no-fence",
    says: "the attempt is not checked again immediately before the call",
    breaks: "I2 AT-MOST-ONE-EFFECT",
    stories: ["zombie"],
    edits: [
      {
        file: "jobs/operate.ts",
        from: "if (step === null || !(await holds(app, operation, step))) return;",
        to: "if (step === null) return;",
      },
    ],
  },
  {
    name: "no-settle",
    says: "an attempt without an outcome is looked at at once",
    breaks: "I3 NO-SILENT-RETRY",
    stories: ["killed while it is on its way"],
    edits: [
      {
        file: "src/operations/running.ts",
        from: "settleUntil: addMilliseconds(change.now, times.deadline + times.settles),",
        to: "settleUntil: change.now,",
      },
    ],
  },
  {
    name: "blind-retry",
    says: "an attempt without an outcome is sent again without a look",
    breaks: "I3 NO-SILENT-RETRY",
    stories: ["answers lost"],
    edits: [
      {
        file: "jobs/operate.ts",
        from: "await verify(app, { ...work, step: unknown }, means);",
        to: 'await judged(app, unknown, { kind: "untouched", seen: "it surely never arrived" }, ALL_WELL);\n  void means;',
      },
      {
        file: "jobs/operate.ts",
        from: 'if ("moved" in drawn) return (drawn.isAway ? putOff : refuse)(app, operation.id, drawn.moved, { by, seq });\n  const { plan: approved } = drawn;',
        to: `if ("moved" in drawn && operation.state !== "running") return (drawn.isAway ? putOff : refuse)(app, operation.id, drawn.moved, { by, seq });
  const approved = "plan" in drawn ? drawn.plan : due.kind === "onward" ? due.plan : due.of;`,
      },
    ],
  },
  {
    name: "loose-quorum",
    says: "one approval less than needed is enough",
    breaks: "I5 AUTHZ-AT-USE",
    stories: ["one voice"],
    edits: [
      {
        file: "src/domain/approving.ts",
        from: "const enough = standing(catalog, operation, decisions).size >= approvals;",
        to: "const enough = standing(catalog, operation, decisions).size + 1 >= approvals;",
      },
      {
        file: "src/domain/approving.ts",
        from: "if (standing(catalog, operation, decisions).size < operation.approvals) {",
        to: "if (standing(catalog, operation, decisions).size + 1 < operation.approvals) {",
      },
    ],
  },
  {
    name: "bare-hash",
    says: "an approval is for the operation, whatever plan its card showed",
    breaks: "I5 AUTHZ-AT-USE",
    stories: ["old card"],
    edits: [
      {
        file: "src/domain/approving.ts",
        from: "if (by.seenHash !== null && by.seenHash !== planHash)",
        to: 'if (by.seenHash === "")',
      },
    ],
  },
  {
    name: "job-id-guard",
    says: "the queue's job id alone keeps an operation from running twice",
    breaks: "I2 AT-MOST-ONE-EFFECT",
    stories: ["jobs twice"],
    edits: [
      {
        file: "src/queues.ts",
        from: "queue.add(name, job, JOB)",
        to: "queue.add(name, job, { ...JOB, jobId: `op-${job.id}` })",
      },
      {
        file: "src/operations/work.ts",
        from: 'return operation.state === "running" ? toSettle(app, change, { ...operation, plan: operation.plan }) : NOTHING;',
        to: 'return operation.state === "running" ? runWork(app, change, { ...operation, plan: operation.plan }, { seq: 1, undoes: null }) : NOTHING;',
      },
      {
        file: "src/operations/running.ts",
        from: 'return step.state === "ready" && holder === null ? { ...step, fence } : null;',
        to: "void holder;\n  return { ...step, fence };",
      },
      {
        file: "src/operations/running.ts",
        from: "if (step.seq !== seq || (await holderOf(change.db, step.target)) !== null) return null;",
        to: "void seq;",
      },
    ],
  },
  {
    name: "request-only-authority",
    says: "whether people still may is not asked again before a step",
    breaks: "I5 AUTHZ-AT-USE",
    stories: ["role lost"],
    edits: [
      {
        file: "src/domain/approving.ts",
        from: "if (operation.reversalOf !== null) return null; // approved with its parent",
        to: "return null;",
      },
    ],
  },
  {
    name: "late-audit",
    says: "the log hears of an attempt after it was sent",
    breaks: "I6 AUDIT-BEFORE-EFFECT",
    stories: ["answers lost"],
    edits: [
      {
        file: "src/operations/running.ts",
        from: 'await log(change, next, "operation.started", { attempt: intent.attempt, ...naming(next, intent) });',
        to: 'setTimeout(() => void changeUnasked(app, (late) => log(late, next, "operation.started", { attempt: intent.attempt, ...naming(next, intent) })), 5_000);',
      },
    ],
  },
];

export const TREE = fileURLToPath(new URL("../..", import.meta.url));

/** Copies the bot into a folder and breaks it. @throws Error when an edit does not fit the tree any more */
export async function overlay(folder: string, defect: Defect): Promise<string> {
  const tree = join(folder, "tree");
  await mkdir(tree);
  for (const part of ["src", "handlers", "jobs", "package.json", "manifest.json"])
    await cp(join(TREE, part), join(tree, part), { recursive: true });
  await symlink(join(TREE, "node_modules"), join(tree, "node_modules"));
  for (const edit of defect.edits) {
    const file = join(tree, edit.file);
    await writeFile(file, edited(await readFile(file, "utf8"), defect.name, edit));
  }
  return tree;
}

/** @throws Error when the text to be replaced is not there exactly once */
export function edited(text: string, name: string, { file, from, to }: Edit): string {
  const found = text.split(from).length - 1;
  if (found !== 1)
    throw new Error(
      `The defect ${name} does not fit ${file} any more: what it replaces is there ${found} times:\n${from}`,
    );
  return text.replace(from, () => to);
}
