import { apiVersionOf, RESOURCES, type Obj, type Resource } from "./object.ts";

/** How a client learns what there is: versions, groups and their resources. */

/** What the API says of itself at a path; null where there is nothing of the kind. */
export function discovered(pathname: string, absent: ReadonlySet<string>): Obj | null {
  const known = RESOURCES.filter(({ group }) => !absent.has(group));
  const [, namespace] = /^\/api\/v1\/namespaces\/([a-z0-9-]+)$/.exec(pathname) ?? [];
  if (namespace !== undefined)
    return { kind: "Namespace", apiVersion: "v1", metadata: { name: namespace }, status: { phase: "Active" } };
  if (pathname === "/version") return { major: "1", minor: "32", gitVersion: "v1.32.0" };
  if (pathname === "/api") return { kind: "APIVersions", versions: ["v1"], serverAddressByClientCIDRs: [] };
  if (pathname === "/apis") {
    const groups = [...new Set(known.map(({ group }) => group))].filter((group) => group !== "");
    return {
      kind: "APIGroupList",
      apiVersion: "v1",
      groups: groups.map((name) => {
        const { version } = known.find(({ group }) => group === name) as Resource;
        const preferredVersion = { groupVersion: `${name}/${version}`, version };
        return { name, versions: [preferredVersion], preferredVersion };
      }),
    };
  }
  const here = known.filter((each) => pathname === `/${each.group === "" ? "api" : "apis"}/${apiVersionOf(each)}`);
  const [first] = here;
  if (first === undefined) return null;
  return {
    kind: "APIResourceList",
    apiVersion: "v1",
    groupVersion: apiVersionOf(first),
    resources: here.flatMap(({ plural, singular, kind, short, verbs, scale = false, status = false }) => [
      { name: plural, singularName: singular, namespaced: true, kind, verbs, shortNames: short },
      ...(status
        ? [{ name: `${plural}/status`, singularName: "", namespaced: true, kind, verbs: ["get", "patch", "update"] }]
        : []),
      ...(scale
        ? [
            {
              name: `${plural}/scale`,
              singularName: "",
              namespaced: true,
              group: "autoscaling",
              version: "v1",
              kind: "Scale",
              verbs: ["get", "patch", "update"],
            },
          ]
        : []),
    ]),
  };
}
