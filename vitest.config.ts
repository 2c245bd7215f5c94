import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { LongestFirst } from "./test/support/longest-first.ts";

const DECIDES = process.env["CI"] !== undefined;

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/support/global.ts"],
    setupFiles: ["test/support/patterns.ts"],
    // A wait ends when what it waits for is there; these only say when to give up, on a machine that is busy with more than us.
    testTimeout: 180_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 30_000 } },
    // More than half of a story is waiting: more workers than cores keep them busy. Fewer where a run decides, and what fails
    // there is tried once more: a machine that is three times slower than others leaves a story no time that it counts on.
    maxWorkers: Math.min(availableParallelism() + (DECIDES ? 2 : 4), 6),
    retry: DECIDES ? 1 : 0,
    sequence: { sequencer: LongestFirst },
    // Half of what a short-lived process costs is compiling the same files again.
    env: { NODE_COMPILE_CACHE: join(tmpdir(), "node-compile-cache") },
    // A worker reads what it tests once, not once a file, and Node reads it as it does in earnest. What a file changes for
    // the whole process it therefore puts back.
    isolate: false,
    experimental: { viteModuleRunner: false, nodeLoader: false },
  },
});
