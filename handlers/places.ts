import type { App } from "../src/app.ts";
import * as board from "../src/board.ts";
import type { ItemPlace, ServicePlace } from "../src/command/request.ts";
import { Invalid } from "../src/errors.ts";

/** The service that was meant, where an item's is meant too. @throws Invalid for an item of no service */
export async function serviceOf(app: App, on: ItemPlace | ServicePlace): Promise<string> {
  if ("service" in on) return on.service;
  const { service } = await board.item(app, on.item);
  if (service === null) throw new Invalid(`#${on.item} belongs to no service.`);
  return service;
}
