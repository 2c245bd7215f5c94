import { fieldsOf, listOf, textOf, type Fields } from "../../src/local/json.ts";
import { pressables } from "../support/slack-text.ts";
import type { Deed, History } from "./history.ts";
import type { Installation } from "./installation.ts";

/** People at work in one workspace: they type and press, and every deed and everything they are told is kept. */
export type Desk = {
  request(account: string, service: string, words: string): Promise<Deed>;
  /** Presses *Approve* on the copy of the card that this account has; `sees` puts another plan's hash on it. */
  presses(account: string, operation: Awaiting, sees?: string): Promise<void>;
  types(account: string, operation: Pick<Awaiting, "id" | "service">, verb: "approve" | "cancel"): Promise<void>;
  /** Reads what everybody was told since. */
  listens(): Promise<void>;
};

export type Awaiting = { readonly id: number; readonly service: string; readonly planHash: string };

export const CHANNEL = "#desk";

export function openDesk(installation: Installation, history: History, accounts: readonly string[]): Desk {
  const { slack, db } = installation;

  async function send(name: string, body: Fields): Promise<boolean> {
    const response = await fetch(`${slack.url}/client/${name}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    return response.ok && fieldsOf(await response.json())["ok"] === true;
  }

  async function deed(about: Omit<Deed, "at" | "acked">, sending: () => Promise<boolean>): Promise<Deed> {
    const done: Deed = { ...about, at: Date.now(), acked: false };
    history.deeds.push(done);
    done.acked = await sending().catch(() => false);
    return done;
  }

  /** The copy of the card in somebody's direct messages, once it is there. */
  async function copyFor(
    account: string,
    operation: number,
  ): Promise<{ channel: string; blocks: unknown; ts: string } | null> {
    const { rows } = await db.query<{ channel: string; message_ts: string }>(
      "select channel, message_ts from postings where subject_kind = 'operation' and subject = $1 and place = $2 and message_ts is not null",
      [operation, `person:${account}`],
    );
    const [copy] = rows;
    if (copy === undefined) return null;
    const messages = await messagesOf(slack.url, account, copy.channel);
    const message = messages.find((each) => each["ts"] === copy.message_ts);
    return { channel: copy.channel, ts: copy.message_ts, blocks: message?.["blocks"] };
  }

  return {
    request: (account, service, words) =>
      deed({ account, kind: "request", service, operation: null, sawHash: null }, () =>
        send("send", { as: account, channel: CHANNEL, text: `/day2 ${words}` }),
      ),
    async presses(account, { id, service, planHash }, sees = planHash) {
      const first = account.replace("TWO", ""); // the card is sent to somebody's first account
      const copy = await copyFor(first, id);
      const button = pressables(copy?.blocks).find(({ label }) => label === "Approve");
      if (copy === null || button === undefined) return;
      const about = { account, kind: "approve", service, operation: id, sawHash: sees } as const;
      if (sees === planHash && account === first)
        await deed(about, () =>
          send("action", { as: account, channel: copy.channel, message_ts: copy.ts, action: button.action }),
        );
      else
        await deed(about, async () => {
          const value = `${id} ${sees}`;
          const outcome = await slack.deliver("interactive", pressed(account, copy, { ...button.action, value }));
          return outcome.acked;
        });
    },
    async types(account, { id, service }, verb) {
      await deed({ account, kind: verb, service, operation: id, sawHash: null }, () =>
        send("send", { as: account, channel: CHANNEL, text: `/day2 ${verb} op-${id}` }),
      );
    },
    async listens() {
      for (const account of accounts)
        for (const message of await messagesOf(slack.url, account, CHANNEL)) {
          if (message["ephemeral"] !== true) continue;
          const text = listOf(message["blocks"]).map((block) => textOf(fieldsOf(fieldsOf(block)["text"])["text"]));
          history.told.set(`${slack.url} ${account} ${textOf(message["ts"])}`, {
            account,
            text: [textOf(message["text"]), ...text].join("\n"),
          });
        }
    },
  };
}

/** What somebody sees in a channel, or in a thread of it. */
export async function messagesOf(url: string, account: string, channel: string, thread?: string): Promise<Fields[]> {
  const query = new URLSearchParams({ as: account, channel, ...(thread === undefined ? {} : { thread }) });
  const response = await fetch(`${url}/client/messages?${query.toString()}`);
  if (!response.ok) return [];
  return listOf(fieldsOf(await response.json())["messages"]).map(fieldsOf);
}

let presses = 0;

/** A press as an old window sends it: with what its card said, whatever the message says now. */
function pressed(account: string, copy: { channel: string; ts: string }, action: Fields): Fields {
  presses += 1;
  const now = Date.now() / 1000;
  return {
    type: "block_actions",
    user: { id: account, username: account.toLowerCase(), team_id: "T0LOCAL" },
    api_app_id: "A0LOCAL",
    token: "verification",
    team: { id: "T0LOCAL", domain: "acme" },
    enterprise: null,
    is_enterprise_install: false,
    container: { type: "message", message_ts: copy.ts, channel_id: copy.channel, is_ephemeral: false },
    channel: { id: copy.channel, name: "directmessage" },
    message: { type: "message", ts: copy.ts, text: "" },
    trigger_id: `${now}.${presses}.chaos`,
    state: { values: {} },
    actions: [{ ...action, action_ts: `${now}${presses}` }],
  };
}
