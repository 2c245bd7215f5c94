import type { Action } from "../domain/action.ts";
import type { Target } from "../domain/catalog.ts";
import { isObject } from "../domain/json-object.ts";
import { suggestion, type Complaints } from "./complaints.ts";
import { KEY, KEY_RULE } from "./keys.ts";
import type { Kinds, ProviderKind } from "./kinds.ts";
import { TARGET_COMMON } from "./service-shapes.ts";
import { parted, type Written } from "./written.ts";

/** Reads what a service runs on. */

export function readTargets(service: string, written: Written, { providers }: Kinds, complaints: Complaints): Target[] {
  return Object.entries(written).flatMap(([name, value]) => {
    const path = ["services", service, "targets", name];
    if (!KEY.test(name)) complaints.addKey(path, `A target's name ${KEY_RULE}.`);
    if (!isObject(value)) {
      complaints.add(path, "A target must be a map with its `provider` and that provider's settings.");
      return [];
    }
    const { provider, ...others } = value;
    const { common, settings } = parted(others, TARGET_COMMON);
    const { processes } = complaints.parts(TARGET_COMMON, common, path);
    const kind = providers.find((each) => each.name === provider);
    if (kind === undefined) {
      const known = providers.map((each) => each.name);
      const message =
        typeof provider === "string"
          ? `There is no provider \`${provider}\`.`
          : "`provider` must be the name of a provider.";
      complaints.add([...path, "provider"], message, suggestion(typeof provider === "string" ? provider : "", known));
      return [];
    }
    const accepted = complaints.shape(kind.settings, settings, path, Object.keys(TARGET_COMMON.shape)) !== undefined;
    const target = { key: `${service}/${name}`, service, name, provider: kind.name, settings };
    return accepted ? [processes === undefined ? target : { ...target, processes }] : [];
  });
}

/** The targets by their names, right or not, and what can be done to each: for what refers to one of them. */
export type DeclaredTargets = readonly {
  readonly name: string;
  readonly provider: ProviderKind | undefined;
  readonly actions: readonly Action[];
}[];

export function declaredTargets(targets: Written, { providers }: Kinds): DeclaredTargets {
  return Object.entries(targets).map(([name, value]) => {
    const provider = isObject(value) ? providers.find((each) => each.name === value["provider"]) : undefined;
    return { name, provider, actions: provider?.actionsOf?.(value) ?? provider?.actions ?? [] };
  });
}
