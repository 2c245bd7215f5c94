#!/usr/bin/env node
// The package's bin, and what `npm start` runs. Plain JavaScript, so that any Node can read it.

const [major] = process.versions.node.split(".");
if (Number(major) >= 24) {
  // What Node has compiled and stripped of its types is kept for the next start, and for the processes that this one starts.
  const { enableCompileCache } = await import("node:module");
  const { directory } = enableCompileCache();
  if (directory !== undefined) process.env["NODE_COMPILE_CACHE"] ??= directory;
  const { run } = await import("./cli/index.ts");
  const code = await run(process.argv.slice(2));
  process.exitCode ||= code; // what could not be written is a failure as well
  // What failed may have left something open; it must not keep a process that does nothing any more.
  if (process.exitCode !== 0) setTimeout(() => process.exit(), 10_000).unref();
} else {
  process.stderr.write(
    `Daytwo needs Node 24 and this is ${process.version}. On Linux \`npm ci\` brings it along: start with \`npm start\` or \`npx daytwo\`. Elsewhere install it from https://nodejs.org.\n`,
  );
  process.exitCode = 1;
}
