/** One person in the workspace, who sees what they may see and does what they may do. */

import { fieldsOf, listOf, textOf } from "../../src/local/json.ts";
import type { Fields } from "../../src/local/json.ts";
import { fieldState } from "./slack-form.ts";
import type { Entered, State } from "./slack-form.ts";
import { pressables, visibleText } from "./slack-text.ts";
import { pauses } from "./until.ts";

/** A message as this person sees it at one moment. */
export interface Seen {
  channel: string;
  ts: string;
  threadTs: string | null;
  user: string;
  /** The fallback text, as notifications show it. */
  text: string;
  /** All visible text, a line for each text object, mentions as names. */
  plain: string;
  /** Labels of what can be pressed, with the options of menus. */
  buttons: string[];
  ephemeral: boolean;
  replies: number;
  /** The message as the workspace sent it. */
  raw: Fields;
}

export interface Home {
  id: string;
  plain: string;
  buttons: string[];
  raw: Fields;
}

export interface Done {
  ok: boolean;
  error?: string;
  /** block_id → sentence. */
  errors?: Record<string, string>;
}

export interface Modal extends Home {
  title: string;
  callbackId: string;
  blocks: Fields[];
  /** Enters values by label, block_id or action_id; options by their text or value. */
  fills(values: Record<string, Entered>): Promise<Modal>;
  submits(): Promise<Done>;
  closes(): Promise<Done>;
}

export interface Typed extends Done {
  /** The ts of the message; a command leaves none. */
  ts: string | null;
  /** What only this person was told by the time of the acknowledgement. */
  whispers: Seen[];
}

/** Where: a channel (`#ops`), a person's or the bot's direct message (`@daytwo`), and a thread there. */
export interface Where {
  in?: string;
  thread?: Seen | string;
}

type Condition<Thing> = (thing: Thing) => boolean;

export interface Actor {
  id: string;
  /** Sends a message or a slash command, in #ops unless told otherwise; resolves at the acknowledgement. */
  types(text: string, where?: Where): Promise<Typed>;
  /** The same; reads better for what is not a command. */
  says(text: string, where?: Where): Promise<Typed>;
  /** Types a command and waits for what only this person is told about it. */
  asks(text: string, where?: Where): Promise<Seen>;
  /** The messages of a channel or of a thread in it, oldest first, without ephemerals. */
  sees(place: string, thread?: Seen | string): Promise<Seen[]>;
  /** The ephemerals of a channel or thread, oldest first. */
  whispers(place: string, thread?: Seen | string): Promise<Seen[]>;
  /** The first message, ephemerals included, that meets the condition, within half a minute. */
  waitsFor(place: string, condition: Condition<Seen>, options?: { thread?: Seen | string }): Promise<Seen>;
  /** The same message as it is now. */
  rereads(message: Seen): Promise<Seen>;
  /** Presses a button, or chooses an option of a menu, by its label as it is now. */
  clicks(on: Seen | Modal | Home, label: string): Promise<Done>;
  /** The modal on top, within half a minute; `title` waits for that one. */
  modal(title?: string): Promise<Modal>;
  /** The titles of the open modals, the one on top last. */
  modals(): Promise<string[]>;
  /** Opens the Home tab and waits until the app has drawn it. */
  home(): Promise<Home>;
  /** The Home tab as it stands, without opening it. */
  homeNow(): Promise<Home | null>;
  /** Adds somebody to a channel. */
  invites(userId: string, place: string): Promise<Done>;
  /** Uses a shortcut by its name, on a message if it is one for messages. */
  uses(shortcut: string, message?: Seen): Promise<Done>;
}

type Call = <Answer>(url: string, body?: Fields) => Promise<Answer>;

const DEADLINE_MS = 30_000;

export function openActor(url: string, id: string, call: Call): Actor {
  const names = new Map<string, string>();

  function read<Answer>(name: string, query: Record<string, string> = {}): Promise<Answer> {
    return call<Answer>(`${url}/client/${name}?${new URLSearchParams({ as: id, ...query }).toString()}`);
  }

  function post<Answer>(name: string, body: Fields): Promise<Answer> {
    return call<Answer>(`${url}/client/${name}`, { as: id, ...body });
  }

  async function messages(place: string, thread?: Seen | string): Promise<Seen[]> {
    if (names.size === 0) await learnNames();
    const query = { channel: place, ...(thread === undefined ? {} : { thread: tsOf(thread) }) };
    const answer = await read<{ messages: Fields[] }>("messages", query);
    return answer.messages.map((message) => seen(place, message, names));
  }

  async function learnNames(): Promise<void> {
    const boot = await read<{ people: Fields[]; channels: Fields[]; user_groups: Fields[] }>("boot");
    for (const one of [...boot.people, ...boot.channels]) names.set(textOf(one["id"]), textOf(one["name"]));
    for (const group of boot.user_groups) names.set(textOf(group["id"]), textOf(group["handle"]));
  }

  async function types(text: string, where: Where = {}): Promise<Typed> {
    const place = where.in ?? "#ops";
    const before = new Set((await whispers(place)).map((one) => one.ts));
    const thread = where.thread === undefined ? {} : { thread_ts: tsOf(where.thread) };
    const sent = await post<Done & { ts?: string }>("send", { channel: place, text, ...thread });
    const fresh = (await whispers(place)).filter((one) => !before.has(one.ts));
    return { ...sent, ts: sent.ts ?? null, whispers: fresh };
  }

  async function whispers(place: string, thread?: Seen | string): Promise<Seen[]> {
    return (await messages(place, thread)).filter((one) => one.ephemeral);
  }

  async function rereads(message: Seen): Promise<Seen> {
    const now = (await messages(message.channel, message.threadTs ?? undefined)).find((one) => one.ts === message.ts);
    if (now === undefined) throw new Error(`The message is gone: ${message.plain}`);
    return now;
  }

  async function current(on: Seen | Modal | Home): Promise<{ blocks: unknown; where: Fields }> {
    if ("ts" in on) {
      const { raw, channel, ts } = await rereads(on);
      return { blocks: raw["blocks"], where: { channel, message_ts: ts } };
    }
    const open = [...(await openViews()), ...(await drawnHome())].find((one) => one["id"] === on.id);
    return { blocks: open?.["blocks"], where: { view_id: on.id } };
  }

  async function clicks(on: Seen | Modal | Home, label: string): Promise<Done> {
    const { blocks, where } = await current(on);
    const offered = pressables(blocks);
    const pressed = offered.find((one) => one.label === label);
    if (pressed === undefined) {
      throw new Error(
        `There is no "${label}" to press. There is: ${offered.map((one) => one.label).join(", ") || "nothing"}.`,
      );
    }
    return post<Done>("action", { ...where, action: pressed.action });
  }

  function modalFrom(view: Fields, state: State): Modal {
    const blocks = listOf(view["blocks"]).map(fieldsOf);
    const view_id = textOf(view["id"]);
    async function suggest(about: Fields): Promise<Fields[]> {
      const answer = await post<Fields>("suggest", { view_id, ...about });
      const groups = listOf(answer["option_groups"]).flatMap((group) => listOf(fieldsOf(group)["options"]));
      return [...listOf(answer["options"]), ...groups].map(fieldsOf);
    }
    return {
      ...homeFrom(view, names),
      title: textOf(fieldsOf(view["title"])["text"]),
      callbackId: textOf(view["callback_id"]),
      blocks,
      async fills(values) {
        let filled = state;
        for (const [name, entered] of Object.entries(values)) {
          const field = await fieldState(blocks, name, entered, suggest);
          for (const [block, actions] of Object.entries(field))
            filled = { ...filled, [block]: { ...filled[block], ...actions } };
        }
        return modalFrom(view, filled);
      },
      submits: () => post<Done>("submit", { view_id, state: { values: state } }),
      closes: () => post<Done>("close", { view_id }),
    };
  }

  async function openViews(): Promise<Fields[]> {
    return (await read<{ views: Fields[] }>("view")).views;
  }

  async function topModal(): Promise<Modal[]> {
    if (names.size === 0) await learnNames();
    return (await openViews()).slice(-1).map((view) => modalFrom(view, {}));
  }

  async function drawnHome(): Promise<Fields[]> {
    if (names.size === 0) await learnNames();
    const { view } = await read<{ view: Fields | null }>("home");
    return view === null ? [] : [view];
  }

  return {
    id,
    types,
    says: types,
    async asks(text, where = {}) {
      const place = where.in ?? "#ops";
      const before = new Set((await whispers(place)).map((one) => one.ts));
      const typed = await types(text, where);
      if (!typed.ok) throw new Error(typed.error);
      return until(
        () => whispers(place),
        (one) => !before.has(one.ts),
        `an answer to ${text}`,
      );
    },
    sees: async (place, thread) => (await messages(place, thread)).filter((one) => !one.ephemeral),
    whispers,
    waitsFor: (place, condition, { thread } = {}) =>
      until(() => messages(place, thread), condition, `that message in ${place}`),
    rereads,
    clicks,
    modal: (title) =>
      until(topModal, (modal) => title === undefined || modal.title === title, `the modal ${title ?? ""}`),
    modals: async () => (await openViews()).map((view) => textOf(fieldsOf(view["title"])["text"])),
    async home() {
      const [before] = await drawnHome();
      await post("home", {});
      return homeFrom(await until(drawnHome, (one) => one["hash"] !== before?.["hash"], "the Home tab"), names);
    },
    async homeNow() {
      const [view] = await drawnHome();
      return view === undefined ? null : homeFrom(view, names);
    },
    invites: (user, channel) => post("invite", { user, channel }),
    async uses(name, message) {
      const { shortcuts } = await read<{ shortcuts: { name: string; callback_id: string }[] }>("boot");
      const callback_id = shortcuts.find((one) => one.name === name)?.callback_id ?? name;
      const on = message === undefined ? {} : { channel: message.channel, message_ts: message.ts };
      return post<Done>("shortcut", { callback_id, ...on });
    },
  };
}

/** Looks again and again until one of the things meets the condition; at the deadline says what there was. */
async function until<Thing>(look: () => Promise<Thing[]>, condition: Condition<Thing>, wanted: string): Promise<Thing> {
  const deadline = performance.now() + DEADLINE_MS;
  const pause = pauses();
  for (;;) {
    const things = await look();
    const found = things.find(condition);
    if (found !== undefined) return found;
    if (performance.now() > deadline) {
      throw new Error(
        `Waited half a minute for ${wanted}. There is:\n${things.map(described).join("\n---\n") || "nothing"}`,
      );
    }
    await pause();
  }
}

function described(thing: unknown): string {
  const { plain, buttons } = fieldsOf(thing);
  return typeof plain === "string" ? `${plain}\n[${listOf(buttons).join("] [")}]` : JSON.stringify(thing);
}

function seen(channel: string, raw: Fields, names: ReadonlyMap<string, string>): Seen {
  const { ts, thread_ts, user, text, blocks, ephemeral, reply_count } = raw;
  const shown = listOf(blocks).length > 0 ? blocks : [{ text }];
  return {
    channel,
    ts: textOf(ts),
    threadTs: thread_ts === undefined || thread_ts === ts ? null : textOf(thread_ts),
    user: textOf(user),
    text: textOf(text),
    plain: visibleText(shown, names),
    buttons: pressables(blocks).map((one) => one.label),
    ephemeral: ephemeral === true,
    replies: typeof reply_count === "number" ? reply_count : 0,
    raw,
  };
}

function homeFrom(view: Fields, names: ReadonlyMap<string, string>): Home {
  const { id, blocks } = view;
  return {
    id: textOf(id),
    plain: visibleText(blocks, names),
    buttons: pressables(blocks).map((one) => one.label),
    raw: view,
  };
}

function tsOf(thread: Seen | string): string {
  return typeof thread === "string" ? thread : (thread.threadTs ?? thread.ts);
}
