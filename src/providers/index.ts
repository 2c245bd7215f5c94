import type { Action } from "../domain/action.ts";
import { canonical } from "../domain/canonical.ts";
import type { Target } from "../domain/catalog.ts";
import { Invalid } from "../errors.ts";
import { aws } from "./aws/index.ts";
import { cloud66 } from "./cloud66/index.ts";
import { withoutSecrets } from "./without-secrets.ts";
import { google } from "./google/index.ts";
import { heroku } from "./heroku/index.ts";
import { kubernetes } from "./kubernetes/index.ts";
import { local } from "./local/index.ts";
import { postgres } from "./postgres/index.ts";
import type { Provider } from "./provider.ts";
import { ssh } from "./ssh/index.ts";
import { tracedProvider } from "./traced-provider.ts";

/** Every provider there is: the one line to add for a new one. */
export const PROVIDERS: readonly Provider[] = [aws, cloud66, google, heroku, kubernetes, local, postgres, ssh];

/** What can be done to a target. @throws Invalid */
export function actionsOn({ provider, settings }: Target): readonly Action[] {
  const { actions, actionsOf } = providerNamed(provider);
  return actionsOf?.(settings) ?? actions;
}

/** Whether two targets are the same thing over there, however it is reached. */
export function isSamePlace(one: Target, other: Target): boolean {
  return placeIn(one) === placeIn(other);
}

function placeIn({ provider: name, settings }: Target): string {
  const { whereabouts } = PROVIDERS.find((each) => each.name === name) ?? {};
  return canonical([name, whereabouts?.(settings as Readonly<Record<string, unknown>>) ?? settings]);
}

/** It says no secret. @throws Invalid */
export function providerNamed(name: string): Provider {
  const found = PROVIDERS.find((provider) => provider.name === name);
  if (found === undefined)
    throw new Invalid(`There is no provider called ${name}.`, {
      hint: `There is ${PROVIDERS.map((each) => each.name).join(", ")}.`,
    });
  return tracedProvider(withoutSecrets(found));
}
