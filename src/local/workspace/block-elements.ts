/** Slack's limits on text objects and interactive elements, as zod schemas. */

import { z } from "zod";

export function plain(max: number) {
  return z.strictObject({
    type: z.literal("plain_text"),
    text: z.string().min(1).max(max),
    emoji: z.boolean().optional(),
  });
}

export function text(max: number) {
  const mrkdwn = z.strictObject({
    type: z.literal("mrkdwn"),
    text: z.string().min(1).max(max),
    verbatim: z.boolean().optional(),
  });
  return z.discriminatedUnion("type", [plain(max), mrkdwn]);
}

export const id = z.string().max(255).optional();
const url = z.string().min(1).max(3000);
const style = z.enum(["primary", "danger"]);

const confirm = z.strictObject({
  title: plain(100),
  text: text(300),
  confirm: plain(30),
  deny: plain(30),
  style: style.optional(),
});

const option = z.strictObject({
  text: text(75),
  value: z.string().max(150),
  description: text(75).optional(),
  url: url.optional(),
});
const options = z.array(option).min(1).max(100);
const optionGroups = z
  .array(z.strictObject({ label: plain(75), options }))
  .min(1)
  .max(100);

const focusable = { action_id: id, focus_on_load: z.boolean().optional() };
const menu = { ...focusable, placeholder: plain(150).optional(), confirm: confirm.optional() };
const multi = { ...menu, max_selected_items: z.number().int().min(1).optional() };
const listed = { options: options.optional(), option_groups: optionGroups.optional() };
const typed = {
  ...focusable,
  placeholder: plain(150).optional(),
  initial_value: z.string().max(3000).optional(),
  dispatch_action_config: z.looseObject({}).optional(),
};
const few = { ...focusable, options: z.array(option).min(1).max(10), confirm: confirm.optional() };
const filter = z.looseObject({}).optional();
const names = z.array(z.string()).optional();

export const button = z.strictObject({
  type: z.literal("button"),
  action_id: id,
  text: plain(75),
  value: z.string().max(2000).optional(),
  url: url.optional(),
  style: style.optional(),
  confirm: confirm.optional(),
  accessibility_label: z.string().max(75).optional(),
});

export const image = z
  .strictObject({
    type: z.literal("image"),
    image_url: url.optional(),
    slack_file: z.strictObject({ id: z.string().optional(), url: z.string().optional() }).optional(),
    alt_text: z.string().min(1).max(2000),
  })
  .refine((shown) => (shown.image_url === undefined) !== (shown.slack_file === undefined), {
    error: "exactly one of image_url and slack_file is needed",
  });

const overflow = z.strictObject({
  type: z.literal("overflow"),
  action_id: id,
  options: z.array(option).min(1).max(5),
  confirm: confirm.optional(),
});

const chosenIsOffered = {
  error: "initial_option must be one of the options",
} as const;

const staticSelect = z
  .strictObject({ type: z.literal("static_select"), ...menu, ...listed, initial_option: option.optional() })
  .refine(hasOptions, { error: "exactly one of options and option_groups is needed" })
  .refine((select) => offers(select, select.initial_option), chosenIsOffered);

const multiStaticSelect = z
  .strictObject({ type: z.literal("multi_static_select"), ...multi, ...listed, initial_options: options.optional() })
  .refine(hasOptions, { error: "exactly one of options and option_groups is needed" });

const queryLength = { min_query_length: z.number().int().min(0).optional() };

/** Menus, pickers and boxes: what an actions block, a section's accessory and an input may hold. */
const CHOICES = [
  staticSelect,
  multiStaticSelect,
  z.strictObject({ type: z.literal("external_select"), ...menu, ...queryLength, initial_option: option.optional() }),
  z.strictObject({
    type: z.literal("multi_external_select"),
    ...multi,
    ...queryLength,
    initial_options: options.optional(),
  }),
  z.strictObject({ type: z.literal("users_select"), ...menu, initial_user: z.string().optional() }),
  z.strictObject({ type: z.literal("multi_users_select"), ...multi, initial_users: names }),
  z.strictObject({
    type: z.literal("conversations_select"),
    ...menu,
    filter,
    initial_conversation: z.string().optional(),
    default_to_current_conversation: z.boolean().optional(),
    response_url_enabled: z.boolean().optional(),
  }),
  z.strictObject({ type: z.literal("multi_conversations_select"), ...multi, filter, initial_conversations: names }),
  z.strictObject({
    type: z.literal("channels_select"),
    ...menu,
    initial_channel: z.string().optional(),
    response_url_enabled: z.boolean().optional(),
  }),
  z.strictObject({ type: z.literal("multi_channels_select"), ...multi, initial_channels: names }),
  z.strictObject({
    type: z.literal("datepicker"),
    ...menu,
    initial_date: z
      .string()
      .regex(/^\d{4}-\d{2}-\d{2}$/)
      .optional(),
  }),
  z.strictObject({
    type: z.literal("timepicker"),
    ...menu,
    initial_time: z
      .string()
      .regex(/^\d{2}:\d{2}$/)
      .optional(),
    timezone: z.string().optional(),
  }),
  z.strictObject({ type: z.literal("radio_buttons"), ...few, initial_option: option.optional() }),
  z.strictObject({ type: z.literal("checkboxes"), ...few, initial_options: z.array(option).min(1).optional() }),
] as const;

const datetimepicker = z.strictObject({
  type: z.literal("datetimepicker"),
  ...focusable,
  confirm: confirm.optional(),
  initial_date_time: z.number().int().optional(),
});

const TYPED = [
  z.strictObject({
    type: z.literal("plain_text_input"),
    ...typed,
    multiline: z.boolean().optional(),
    min_length: z.number().int().min(0).max(3000).optional(),
    max_length: z.number().int().min(1).max(3000).optional(),
  }),
  z.strictObject({
    type: z.literal("number_input"),
    ...typed,
    is_decimal_allowed: z.boolean(),
    min_value: z.string().optional(),
    max_value: z.string().optional(),
  }),
  z.strictObject({ type: z.literal("email_text_input"), ...typed }),
  z.strictObject({ type: z.literal("url_text_input"), ...typed }),
  z.strictObject({
    type: z.literal("rich_text_input"),
    ...typed,
    initial_value: z.looseObject({}).optional(),
  }),
  z.strictObject({
    type: z.literal("file_input"),
    action_id: id,
    filetypes: names,
    max_files: z.number().int().min(1).max(10).optional(),
  }),
] as const;

export const inActions = z.discriminatedUnion("type", [button, overflow, datetimepicker, ...CHOICES]);
export const asAccessory = z.discriminatedUnion("type", [button, image, overflow, ...CHOICES]);
export const inInput = z.discriminatedUnion("type", [datetimepicker, ...TYPED, ...CHOICES]);
export const inContext = z.discriminatedUnion("type", [
  image,
  plain(2000),
  z.strictObject({ type: z.literal("mrkdwn"), text: z.string().min(1).max(2000), verbatim: z.boolean().optional() }),
]);
export const inContextActions = z.discriminatedUnion("type", [
  z.looseObject({ type: z.literal("feedback_buttons"), action_id: id }),
  z.looseObject({ type: z.literal("icon_button"), action_id: id, icon: z.string(), text: plain(75) }),
]);

/** The types that a person can act on, each of which needs an action_id. */
export const INTERACTIVE = new Set(
  [button, overflow, datetimepicker, ...TYPED, ...CHOICES].map((schema) => [...schema.shape.type.values][0] as string),
)
  .add("feedback_buttons")
  .add("icon_button");

interface Select {
  options?: z.infer<typeof options> | undefined;
  option_groups?: z.infer<typeof optionGroups> | undefined;
}

function hasOptions(select: Select): boolean {
  return (select.options === undefined) !== (select.option_groups === undefined);
}

function offers(select: Select, chosen: z.infer<typeof option> | undefined): boolean {
  const offered = select.options ?? select.option_groups?.flatMap((group) => group.options) ?? [];
  return chosen === undefined || offered.some((one) => JSON.stringify(one) === JSON.stringify(chosen));
}
