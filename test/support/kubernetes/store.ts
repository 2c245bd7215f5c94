import { randomUUID } from "node:crypto";
import { apiVersionOf, RESOURCES, type Obj, type Resource } from "./object.ts";

/** What the cluster knows: objects, each with the version of its last change, and every change in order for those who watch. */
export type Store = {
  /** The cluster's own clock. */
  now(): string;
  passes(ms: number): void;
  get(resource: Resource, namespace: string, name: string): Obj | undefined;
  list(resource: Resource, namespace?: string): Obj[];
  /** A new object. */
  create(plural: string, object: Obj): Obj;
  /** What `change` makes of it, if it makes a difference; `isStatus` leaves the generation alone. */
  update(plural: string, object: Obj, change: (copy: Obj) => void): void;
  put(resource: Resource, object: Obj): void;
  remove(plural: string, object: Obj): void;
  version(): number;
  /** The oldest version after which it still knows every change, and forgetting what was before now. */
  oldest(): number;
  forgets(): void;
  /** Every change after a version, and those to come. */
  watch(resource: Resource, after: number, heard: (type: string, object: Obj) => void): () => void;
};

type Happened = {
  readonly version: number;
  readonly plural: string;
  readonly group: string;
  readonly type: string;
  readonly object: Obj;
};

export function named(plural: string): Resource {
  const found = RESOURCES.find((each) => each.plural === plural && each.group !== "metrics.k8s.io");
  if (found === undefined) throw new Error(`the cluster has no ${plural}`);
  return found;
}

export function openStore(): Store {
  const objects = new Map<string, Obj>();
  const log: Happened[] = [];
  const watchers = new Set<(happened: Happened) => void>();
  let version = 1_000;
  let oldest = 0;
  let clock = Math.floor((Date.now() - 3_600_000) / 1_000) * 1_000;

  function now(): string {
    return new Date(clock).toISOString().replace(/\.\d+Z$/, "Z");
  }
  function keyOf({ group, plural }: Resource, namespace: string, name: string): string {
    return `${group}/${plural}/${namespace}/${name}`;
  }
  function happens(resource: Resource, type: string, object: Obj): void {
    version += 1;
    object["metadata"].resourceVersion = String(version);
    const happened = { version, plural: resource.plural, group: resource.group, type, object: structuredClone(object) };
    log.push(happened);
    for (const watcher of watchers) watcher(happened);
  }
  function put(resource: Resource, object: Obj): void {
    const key = keyOf(resource, object["metadata"].namespace as string, object["metadata"].name as string);
    const before = objects.get(key);
    const isNew = before === undefined;
    if (isNew || JSON.stringify(before["spec"]) !== JSON.stringify(object["spec"]))
      object["metadata"].generation = Number(before?.["metadata"].generation ?? 0) + 1;
    objects.set(key, object);
    happens(resource, isNew ? "ADDED" : "MODIFIED", object);
  }
  return {
    now,
    passes: (ms) => void (clock += ms),
    get: (resource, namespace, name) => objects.get(keyOf(resource, namespace, name)),
    list: ({ group, plural }, namespace) =>
      [...objects]
        .filter(([key]) => key.startsWith(`${group}/${plural}/${namespace === undefined ? "" : `${namespace}/`}`))
        .map(([, object]) => object),
    create(plural, object) {
      const resource = named(plural);
      const made = {
        apiVersion: apiVersionOf(resource),
        kind: resource.kind,
        ...object,
        metadata: { ...object["metadata"], uid: randomUUID(), creationTimestamp: now() } as Obj,
      };
      // As it comes over the wire: no two of its parts are one.
      const received = JSON.parse(JSON.stringify(made)) as Obj;
      put(resource, received);
      return received;
    },
    update(plural, object, change) {
      const copy = structuredClone(object);
      change(copy);
      if (JSON.stringify(copy) !== JSON.stringify(object)) put(named(plural), copy);
    },
    put,
    remove(plural, object) {
      const resource = named(plural);
      objects.delete(keyOf(resource, object["metadata"].namespace as string, object["metadata"].name as string));
      happens(resource, "DELETED", object);
    },
    version: () => version,
    oldest: () => oldest,
    forgets() {
      // A moment later, so that whoever has heard everything until now is too late as well.
      version += 1;
      oldest = version;
      log.length = 0;
    },
    watch({ group, plural }, after, heard) {
      function tell(happened: Happened): void {
        if (happened.plural === plural && happened.group === group) heard(happened.type, happened.object);
      }
      log.filter((each) => each.version > after).forEach(tell);
      watchers.add(tell);
      return () => watchers.delete(tell);
    },
  };
}
