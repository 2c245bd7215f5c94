import type { z } from "zod";
import type { JsonObject } from "../domain/json-object.ts";

/** A map as the file has it: nothing of it was looked at yet. */
export type Written = JsonObject;

/** A map in two: what any of its kind may say, and the rest, which are the settings of this one. */
export function parted(
  written: Written,
  common: z.ZodObject,
): { readonly common: Written; readonly settings: Written } {
  const entries = Object.groupBy(Object.entries(written), ([key]) =>
    Object.hasOwn(common.shape, key) ? "common" : "settings",
  );
  return { common: Object.fromEntries(entries.common ?? []), settings: Object.fromEntries(entries.settings ?? []) };
}
