import { Refusal, qualified, type Obj, type Resource } from "./object.ts";

/** Who asks, and what they may do: bearer tokens and roles. Nobody may do what no rule allows. */

export type Rule = {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
};
export type User = { readonly name: string; readonly rules: readonly Rule[]; readonly namespace?: string };

export const EVERYTHING: readonly Rule[] = [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }];

/** By a certificate that is good, else by a token. @throws Refusal for who is not known */
export function identified(
  users: ReadonlyMap<string, User>,
  { authorization = "", person }: { readonly authorization?: string | undefined; readonly person: string | null },
): User {
  const certified = [...users.values()].find(({ name }) => name === person);
  const user = certified ?? users.get(/^Bearer (.+)$/.exec(authorization)?.[1] ?? "");
  if (user === undefined) throw new Refusal(401, "Unauthorized", "Unauthorized");
  return user;
}

export type Wish = {
  readonly verb: string;
  readonly group: string;
  /** "deployments", "deployments/scale" */
  readonly resource: string;
  readonly namespace: string | undefined;
  readonly name?: string | undefined;
};

export function mayDo({ rules, namespace }: User, wish: Wish): boolean {
  if (namespace !== undefined && wish.namespace !== namespace) return false;
  return rules.some(
    ({ apiGroups, resources, verbs, resourceNames }) =>
      fits(apiGroups, wish.group) &&
      fits(resources, wish.resource) &&
      fits(verbs, wish.verb) &&
      (resourceNames === undefined || (wish.name !== undefined && resourceNames.includes(wish.name))),
  );
}

function fits(allowed: readonly string[], wanted: string): boolean {
  return allowed.includes("*") || allowed.includes(wanted);
}

/** @throws Refusal for what is not allowed */
export function permit(user: User, wish: Wish, resource: Resource): void {
  if (mayDo(user, wish)) return;
  const what = `${qualified(resource)}${wish.name === undefined ? "" : ` "${wish.name}"`}`;
  const where = wish.namespace === undefined ? "at the cluster scope" : `in the namespace "${wish.namespace}"`;
  throw new Refusal(
    403,
    "Forbidden",
    `${what} is forbidden: User "${user.name}" cannot ${wish.verb} resource "${wish.resource}" in API group "${wish.group}" ${where}`,
    { name: wish.name, group: wish.group, kind: resource.plural },
  );
}

/** The answer of a SelfSubjectAccessReview. */
export function reviewed(user: User, review: Obj): Obj {
  const {
    verb = "",
    group = "",
    resource = "",
    subresource,
    namespace,
    name,
  } = (review["spec"]?.resourceAttributes ?? {}) as Obj;
  const whole =
    subresource === undefined || subresource === "" ? resource : `${resource as string}/${subresource as string}`;
  const allowed = mayDo(user, { verb, group, resource: whole, namespace, name });
  return {
    ...review,
    status: allowed ? { allowed, reason: "RBAC: allowed by a role" } : { allowed },
  };
}
