import type { App } from "../../src/app.ts";
import type { Caller } from "../../src/caller.ts";
import type { Asked, Request } from "../../src/command/request.ts";
import type { Message } from "../../src/slack/blocks.ts";

/** What a verb does, and what it answers. */
export type Does<V extends Request["verb"]> = (app: App, caller: Caller, request: Asked<V>) => Promise<Message>;

export type Verbs = { readonly [V in Request["verb"]]: Does<V> };
