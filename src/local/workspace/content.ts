/** What an app may say in a message: the checks that every way of posting shares. */

import { listArgument, objectArgument, optional } from "./arguments.ts";
import { blockProblems, MOST_BLOCK_JSON, sentence, withIds } from "./block-check.ts";
import { isFields } from "../json.ts";
import type { Fields } from "../json.ts";
import { Refusal } from "./refusal.ts";
import type { Content } from "./world.ts";

const MOST_TEXT = 40_000;

/** Text, blocks, attachments and metadata of a call; what was not given is undefined. */
export function readContent(args: Fields): Content {
  return {
    text: (optional(args, "text") ?? "").slice(0, MOST_TEXT),
    blocks: readBlocks(args),
    attachments: listArgument(args, "attachments", "invalid_attachments")?.filter(isFields),
    metadata: readMetadata(args),
  };
}

export function isEmpty(content: Content): boolean {
  return content.text === "" && !content.blocks?.length && !content.attachments?.length;
}

function readBlocks(args: Fields): Fields[] | undefined {
  const blocks = listArgument(args, "blocks", "invalid_blocks_format");
  if (blocks === undefined) return undefined;
  const messages = blockProblems(blocks, "message").map(sentence);
  if (messages.length > 0) throw new Refusal("invalid_blocks", { errors: messages, response_metadata: { messages } });
  if (JSON.stringify(blocks).length > MOST_BLOCK_JSON) throw new Refusal("msg_blocks_too_long");
  return withIds(blocks);
}

function readMetadata(args: Fields): Fields | undefined {
  const metadata = objectArgument(args, "metadata", "invalid_metadata_format");
  if (metadata === undefined) return undefined;
  if (typeof metadata["event_type"] !== "string" || !isFields(metadata["event_payload"])) {
    throw new Refusal("invalid_metadata_schema");
  }
  if (JSON.stringify(metadata).length > 16_000) throw new Refusal("metadata_too_large");
  return metadata;
}
