import { relative } from "node:path";
import { defineConfig } from "rolldown";

/**
 * `npm run bundle`: what a start reads, in a few files instead of two thousand, for the container. Daytwo runs from its source as
 * well; this only starts sooner. The source stays beside it, since some of it is read as files or started as processes.
 */
export default defineConfig({
  input: "src/launch.mjs",
  platform: "node",
  output: { dir: "dist", format: "esm", entryFileNames: "[name].mjs", chunkFileNames: "[name].mjs", cleanDir: true },
  plugins: [
    {
      name: "packages that are read in when they are needed stay where they are",
      resolveId: (source, _importer, { kind }) =>
        kind === "dynamic-import" && !source.startsWith(".") ? { id: source, external: true } : null,
    },
    {
      name: "one character beyond ASCII has V8 keep the whole file in two bytes a character",
      generateBundle(_options, bundle) {
        for (const part of Object.values(bundle)) if (part.type === "chunk") part.code = inAscii(part.code);
      },
    },
    {
      name: "a module finds its neighbours where its source is",
      transform(code, id) {
        const source = relative(import.meta.dirname, id);
        if (source.startsWith("node_modules") || !code.includes("import.meta.url")) return null;
        return code.replaceAll("import.meta.url", `new URL(${JSON.stringify(`../${source}`)}, import.meta.url).href`);
      },
    },
  ],
});

/** The same program: where such characters stand, in texts, patterns and comments, an escape says what they do. */
function inAscii(code: string): string {
  return code.replaceAll(/[^\0-\x7F]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
