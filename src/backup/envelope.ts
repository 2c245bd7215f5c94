import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { Invalid } from "../errors.ts";

/**
 * The outermost layer of a backup. It is gzip, so that `zcat` shows it. Its first member says whose it is; its last holds
 * the SHA-256 of every byte before it, so that nothing can be cut off or turned over unseen, not even a bit that gzip
 * does not look at.
 */

const OPENING = member("Daytwo backup\n");
const CLOSING = closing("0".repeat(64)).length; // bytes

/** Puts gzip between the first member and the last. */
export async function* enclose(zipped: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const hash = createHash("sha256").update(OPENING);
  yield OPENING;
  for await (const chunk of zipped) {
    hash.update(chunk);
    yield chunk;
  }
  yield closing(hash.digest("hex"));
}

/** The gzip between the two. @throws Invalid, at the end where a single bit is not as it was written */
export async function* disclose(file: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const hash = createHash("sha256").update(OPENING);
  let held: Buffer = Buffer.alloc(0);
  let begun = false;
  for await (const chunk of file) {
    held = Buffer.concat([held, chunk]);
    if (!begun && held.length >= OPENING.length) {
      if (!held.subarray(0, OPENING.length).equals(OPENING)) throw notOurs();
      held = held.subarray(OPENING.length);
      begun = true;
    }
    if (!begun || held.length <= CLOSING) continue;
    const sure = held.subarray(0, held.length - CLOSING);
    held = held.subarray(sure.length);
    hash.update(sure);
    yield sure;
  }
  if (!begun) throw notOurs();
  if (!held.equals(closing(hash.digest("hex"))))
    throw new Invalid("The backup is damaged or cut off.", { hint: "Fetch it again, or take another one." });
}

export function notOurs(): Invalid {
  return new Invalid("This is not a backup of Daytwo.", {
    hint: "Give the file that `daytwo backup` wrote; a dump made with pg_dump goes back with pg_restore.",
  });
}

function closing(digest: string): Buffer {
  return member(`sha256 ${digest}\n`);
}

/** A gzip member with one stored block: the same bytes on every machine, which zlib does not promise. */
function member(words: string): Buffer {
  const text = Buffer.from(words);
  const block = Buffer.alloc(5);
  block.writeUInt8(1, 0);
  block.writeUInt16LE(text.length, 1);
  block.writeUInt16LE(text.length ^ 0xff_ff, 3);
  const check = Buffer.alloc(8);
  check.writeUInt32LE(crc32(text), 0);
  check.writeUInt32LE(text.length, 4);
  return Buffer.concat([Buffer.from("1f8b08000000000000ff", "hex"), block, text, check]);
}
