import { readFileSync, renameSync, writeFileSync } from "node:fs";

const SCHEMA = new URL("../../../docs/daytwo.schema.json", import.meta.url);

/**
 * Writes the demo's catalog: where editors find its schema, and the template beside this file, with every `$NAME` replaced
 * by its value in quotes.
 */
export function writeDemoCatalog(file: string, values: Readonly<Record<string, string>>): void {
  const template = readFileSync(new URL("./demo.yaml", import.meta.url), "utf8");
  const text = template.replaceAll(/\$([A-Z_]+)/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`The demo's catalog asks for $${name}, which nobody gives.`);
    return JSON.stringify(value);
  });
  writeFileSync(`${file}.new`, `# yaml-language-server: $schema=${SCHEMA.href}\n${text}`);
  renameSync(`${file}.new`, file);
}
