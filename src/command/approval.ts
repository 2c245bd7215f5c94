import type { Asked } from "./request.ts";
import * as pieces from "./pieces.ts";
import type { Words } from "./words.ts";

/** "op-17", "op-17 shop/web" where the plan asks for its target's name, "op-17 alone" and why. */
export function readApproval(words: Words): Asked<"approve"> {
  const operation = pieces.takeOperation(words);
  if (words.take(/alone(?=[\s:,]|$)/) === null) {
    const typed = pieces.takeTargetIfThere(words);
    return { verb: "approve", operation, ...(typed === undefined ? {} : { typed }) };
  }
  const question = "Alone, why? Write the reason behind `alone`; everybody who may approve it reads it.";
  return { verb: "approve", operation, alone: pieces.takeText(words, question) };
}
