import { isObject, objectIn, textOf, type JsonObject } from "../src/domain/json-object.ts";

/** What kind of request Slack sent, and the key under which it is the same request again. */

export type Body = JsonObject;

export type Identified = {
  readonly kind: "command" | "action" | "view" | "view_closed" | "shortcut" | "event" | "options";
  /** Null for what changes nothing. */
  readonly key: string | null;
  /** Whether Slack waits for what the handler says (modal errors, options). */
  readonly awaited: boolean;
};

/** Null for what is no request of Slack's that we know: not an object, none of its shapes, or ids as Slack makes none. */
export function identify(body: unknown): Identified | null {
  const request = shapeOf(body);
  return request === null || request.key === null || SLACKS_OWN.test(request.key) ? request : null;
}

/** Events that we listen to. Whatever else an app is subscribed to is acknowledged, and not kept. */
const HEARD: readonly string[] = ["app_home_opened", "app_mention"];
const UNHEARD: Identified = { kind: "event", key: null, awaited: false };

const SLACKS_OWN = /^[\x20-\x7e]{1,500}$/;

function shapeOf(body: unknown): Identified | null {
  if (!isObject(body)) return null;
  if (body["type"] === "app_rate_limited") return UNHEARD;
  if (body["type"] === "event_callback") {
    const id = textOf(body["event_id"]);
    if (!isObject(body["event"]) || id === null) return null;
    const isHeard = HEARD.includes(textOf(body["event"]["type"]) ?? "");
    return isHeard ? { kind: "event", key: `event:${id}`, awaited: false } : UNHEARD;
  }
  if (textOf(body["command"]) !== null) {
    const trigger = textOf(body["trigger_id"]);
    return trigger === null || textOf(body["user_id"]) === null
      ? null
      : { kind: "command", key: `trigger:${trigger}`, awaited: false };
  }
  const user = textOf(objectIn(body, "user")["id"]);
  return user === null ? null : interactive(body, user);
}

function interactive(body: Body, user: string): Identified | null {
  switch (body["type"]) {
    case "block_actions": {
      const [action] = Array.isArray(body["actions"]) ? (body["actions"] as unknown[]) : [];
      const id = isObject(action) ? textOf(action["action_id"]) : null;
      if (!isObject(action) || id === null) return null;
      return { kind: "action", key: `action:${user}:${id}:${textOf(action["action_ts"])}`, awaited: false };
    }
    case "view_submission":
    case "view_closed": {
      const view = body["view"];
      if (!isObject(view) || textOf(view["id"]) === null) return null;
      const submitted = body["type"] === "view_submission";
      const key = `${submitted ? "view" : "closed"}:${textOf(view["id"])}:${textOf(view["hash"]) ?? ""}`;
      return { kind: submitted ? "view" : "view_closed", key, awaited: submitted };
    }
    case "shortcut":
    case "message_action": {
      const trigger = textOf(body["trigger_id"]);
      return trigger === null ? null : { kind: "shortcut", key: `trigger:${trigger}`, awaited: false };
    }
    case "block_suggestion":
      return { kind: "options", key: null, awaited: true };
    default:
      return null;
  }
}
