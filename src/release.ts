import { readFile } from "node:fs/promises";

/** The release that this is, like 0.1.0. */
export async function releaseHere(): Promise<string> {
  const text = await readFile(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { readonly version: string }).version;
}
