/** Web API: views.* */

import { objectArgument, optional, personArgument, required } from "./arguments.ts";
import type { Fields } from "../json.ts";
import { Refusal } from "./refusal.ts";
import { exchangeTrigger } from "./triggers.ts";
import { openModal, publishHome, pushModal, updateModal, viewGiven } from "./views.ts";
import type { World } from "./world.ts";

export function viewsOpen(world: World, args: Fields): Fields {
  const view = viewArgument(args);
  const { userId } = exchangeTrigger(world, required(args, "trigger_id"));
  return { view: openModal(world, userId, view) };
}

export function viewsPush(world: World, args: Fields): Fields {
  const view = viewArgument(args);
  const { userId } = exchangeTrigger(world, required(args, "trigger_id"));
  return { view: pushModal(world, userId, view) };
}

export function viewsUpdate(world: World, args: Fields): Fields {
  const id = optional(args, "view_id") ?? required(args, "external_id");
  return { view: updateModal(world, id, viewArgument(args), optional(args, "hash")) };
}

export function viewsPublish(world: World, args: Fields): Fields {
  if (world.options.manifest.features?.app_home?.home_tab_enabled !== true) throw new Refusal("not_enabled");
  const person = personArgument(world, args, "user_id");
  return { view: publishHome(world, person.id, viewArgument(args), optional(args, "hash")) };
}

function viewArgument(args: Fields): Fields {
  return viewGiven(objectArgument(args, "view", "invalid_arguments"));
}
