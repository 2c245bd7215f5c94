import { isAbsolute } from "node:path";
import { z } from "zod";

/** A path on the worker's machine that means the same wherever the worker was started. */
export const wholePath = z
  .string()
  .refine((path) => isAbsolute(path), "Write the whole path, from / on.")
  .meta({ pattern: "^/" });
