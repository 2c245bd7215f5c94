/** Slack's block types, where each may stand, and its limits. */

import { z } from "zod";
import {
  asAccessory,
  button,
  id,
  image,
  inActions,
  inContext,
  inContextActions,
  inInput,
  plain,
  text,
} from "./block-elements.ts";

export type Surface = "message" | "modal" | "home";

const EVERYWHERE: Surface[] = ["message", "modal", "home"];
const MESSAGE: Surface[] = ["message"];

const richTextPart = z.looseObject({
  type: z.enum(["text", "link", "user", "usergroup", "channel", "emoji", "broadcast", "date", "color", "team"]),
});
const richTextRun = { elements: z.array(richTextPart) };
const richTextSection = z.strictObject({ type: z.literal("rich_text_section"), ...richTextRun });
const richText = z.strictObject({
  type: z.literal("rich_text"),
  block_id: id,
  elements: z
    .array(
      z.discriminatedUnion("type", [
        richTextSection,
        z.looseObject({ type: z.literal("rich_text_preformatted"), ...richTextRun }),
        z.looseObject({ type: z.literal("rich_text_quote"), ...richTextRun }),
        z.looseObject({
          type: z.literal("rich_text_list"),
          style: z.enum(["bullet", "ordered"]),
          elements: z.array(richTextSection),
        }),
      ]),
    )
    .min(1),
});

const cell = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("raw_text"), text: z.string().min(1) }),
  z.strictObject({ type: z.literal("raw_number"), value: z.number(), text: z.string().optional() }),
  richText,
]);
const rows = z.array(z.array(cell).min(1).max(20)).min(1);

const actions = z.strictObject({
  type: z.literal("actions"),
  block_id: id,
  elements: z.array(inActions).min(1).max(25),
});
const context = z.strictObject({
  type: z.literal("context"),
  block_id: id,
  elements: z.array(inContext).min(1).max(10),
});
const divider = z.strictObject({ type: z.literal("divider"), block_id: id });
const header = z.strictObject({
  type: z.literal("header"),
  block_id: id,
  text: plain(150),
  level: z.number().int().min(1).max(6).optional(),
});
const imageBlock = image.safeExtend({ block_id: id, title: plain(2000).optional() });
const input = z.strictObject({
  type: z.literal("input"),
  block_id: id,
  label: plain(2000),
  element: inInput,
  hint: plain(2000).optional(),
  optional: z.boolean().optional(),
  dispatch_action: z.boolean().optional(),
});
const section = z
  .strictObject({
    type: z.literal("section"),
    block_id: id,
    text: text(3000).optional(),
    fields: z.array(text(2000)).min(1).max(10).optional(),
    accessory: asAccessory.optional(),
    expand: z.boolean().optional(),
  })
  .refine((one) => one.text !== undefined || one.fields !== undefined, {
    error: "missing required field: text or fields",
  });
const table = z.strictObject({
  type: z.literal("table"),
  block_id: id,
  rows: rows.max(100),
  column_settings: z.array(z.looseObject({})).max(20).optional(),
});
const video = z.looseObject({ type: z.literal("video"), block_id: id, title: plain(200), video_url: z.string() });

const card = z.looseObject({
  type: z.literal("card"),
  block_id: id,
  title: text(150).optional(),
  subtitle: text(150).optional(),
  body: text(200).optional(),
  subtext: text(200).optional(),
  actions: z.array(button).max(3).optional(),
});
const taskCard = z.looseObject({
  type: z.literal("task_card"),
  block_id: id,
  task_id: z.string(),
  title: z.string(),
  status: z.enum(["pending", "in_progress", "complete", "error"]),
  details: richText.optional(),
  output: richText.optional(),
});

const BLOCKS = [
  { schema: section, on: EVERYWHERE },
  { schema: header, on: EVERYWHERE },
  { schema: context, on: EVERYWHERE },
  { schema: actions, on: EVERYWHERE },
  { schema: divider, on: EVERYWHERE },
  { schema: imageBlock, on: EVERYWHERE },
  { schema: richText, on: EVERYWHERE },
  { schema: input, on: EVERYWHERE },
  { schema: video, on: EVERYWHERE },
  { schema: card, on: MESSAGE },
  {
    schema: z.strictObject({ type: z.literal("carousel"), block_id: id, elements: z.array(card).min(1).max(10) }),
    on: MESSAGE,
  },
  {
    schema: z.strictObject({
      type: z.literal("container"),
      block_id: id,
      title: text(150).optional(),
      is_collapsible: z.boolean().optional(),
      default_collapsed: z.boolean().optional(),
      width: z.enum(["narrow", "standard", "wide", "full"]).optional(),
      child_blocks: z
        .array(
          z.discriminatedUnion("type", [
            actions,
            context,
            divider,
            header,
            imageBlock,
            input,
            richText,
            section,
            table,
            video,
          ]),
        )
        .min(1)
        .max(10),
    }),
    on: MESSAGE,
  },
  {
    schema: z.strictObject({
      type: z.literal("alert"),
      block_id: id,
      text: text(200),
      level: z.enum(["default", "info", "warning", "error", "success"]).optional(),
    }),
    on: ["modal"] as Surface[],
  },
  {
    schema: z.strictObject({ type: z.literal("markdown"), block_id: id, text: z.string().min(1).max(12_000) }),
    on: MESSAGE,
  },
  { schema: table, on: MESSAGE },
  {
    schema: z.strictObject({
      type: z.literal("data_table"),
      block_id: id,
      caption: z.string().min(1),
      rows: rows.min(2).max(101),
      page_size: z.number().int().min(1).max(100).optional(),
    }),
    on: MESSAGE,
  },
  {
    schema: z.strictObject({
      type: z.literal("data_visualization"),
      block_id: id,
      title: z.string().min(1).max(50),
      chart: z.looseObject({ type: z.enum(["pie", "bar", "line", "area"]) }),
    }),
    on: MESSAGE,
  },
  { schema: taskCard, on: MESSAGE },
  {
    schema: z.strictObject({
      type: z.literal("plan"),
      block_id: id,
      title: z.string().min(1),
      tasks: z.array(taskCard),
    }),
    on: MESSAGE,
  },
  {
    schema: z.strictObject({
      type: z.literal("context_actions"),
      block_id: id,
      elements: z.array(inContextActions).min(1).max(5),
    }),
    on: MESSAGE,
  },
] as const;

/** Block type → its schema and the surfaces that take it. */
export const BLOCK_TYPES = new Map(
  BLOCKS.map(({ schema, on }) => [[...schema.shape.type.values][0] as string, { schema: schema as z.ZodType, on }]),
);

export const modal = z.looseObject({
  type: z.literal("modal"),
  title: plain(24),
  submit: plain(24).optional(),
  close: plain(24).optional(),
  private_metadata: z.string().max(3000).optional(),
  callback_id: id,
  external_id: id,
  clear_on_close: z.boolean().optional(),
  notify_on_close: z.boolean().optional(),
});

export const home = z.looseObject({
  type: z.literal("home"),
  private_metadata: z.string().max(3000).optional(),
  callback_id: id,
  external_id: id,
});
