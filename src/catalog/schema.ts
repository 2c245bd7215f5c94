import { z } from "zod";
import { RESPONSIBILITIES } from "../domain/duty.ts";
import type { Kinds } from "./kinds.ts";
import { KEY, RESERVED } from "./keys.ts";
import {
  CHECK_COMMON,
  DUTY,
  SEQUENCE,
  SERVICE,
  STEP,
  STEP_ACTIONS,
  STEP_BACK,
  TARGET_COMMON,
  TASK,
  TASK_ARGUMENT,
} from "./service-shapes.ts";
import { ESCALATION, ROTATION, WAKE, WORKING } from "./on-call-shapes.ts";
import { ROLE } from "./shape-pieces.ts";
import { ALERT_SOURCE, HEARTBEAT, ROUTE, ROUTE_WHEN } from "./alert-shapes.ts";
import { ACKNOWLEDGE, DIGEST, FILE, FREEZE, MAINTENANCE, PERSON, POLICY, STORM, TEAM, WHEN, WHERE } from "./shapes.ts";

/**
 * The shape of `daytwo.yaml` as JSON Schema (draft 2020-12), by which editors complete and explain it. It is put together
 * of the parts that the reader itself goes by; what only the whole file tells (a team that does not exist, two digests for
 * one channel), only the reader says.
 */

type Schema = z.core.JSONSchema.JSONSchema;

export function catalogSchema({ checks, providers }: Kinds): Schema {
  const service = shapeOf(SERVICE, {
    responsibilities: shapeOf(z.strictObject(duties()), {}),
    targets: byKey({ anyOf: providers.map((each) => target(each.name, shapeOf(each.settings))) }, KEY_NAMES),
    escalation: shapeOf(ESCALATION),
    tasks: byKey(shapeOf(TASK, { arguments: byKey(shapeOf(TASK_ARGUMENT), KEY_NAMES) }), KEY_NAMES),
    sequences: byKey(
      shapeOf(SEQUENCE, {
        steps: {
          type: "array",
          minItems: 1,
          maxItems: 10,
          items: oneAction(shapeOf(STEP, { undo: { anyOf: [{ const: true }, oneAction(shapeOf(STEP_BACK))] } })),
        },
      }),
      KEY_NAMES,
    ),
    checks: {
      type: "object",
      properties: Object.fromEntries(checks.map((each) => [each.name, lookOf(each)])),
      additionalProperties: false,
    },
  });
  const policy = shapeOf(POLICY, { when: shapeOf(WHEN) });
  const digest = shapeOf(DIGEST);
  const person = shapeOf(PERSON, { services: byKey(shapeOf(ROLE)), wake: shapeOf(WAKE) });
  const file = shapeOf(FILE, {
    people: byKey(orNothing(person), names("people")),
    teams: byKey(orNothing(shapeOf(TEAM)), names("teams")),
    rotations: byKey(shapeOf(ROTATION, { wake: shapeOf(WAKE) }), names("rotations")),
    escalation: shapeOf(ESCALATION),
    working_hours: shapeOf(WORKING),
    digest: { anyOf: [digest, { type: "array", items: digest }] },
    acknowledge: orNothing(shapeOf(ACKNOWLEDGE)),
    storm: shapeOf(STORM),
    policies: { type: "array", items: policy },
    freezes: { type: "array", items: shapeOf(FREEZE, { when: shapeOf(WHEN) }) },
    windows: { type: "array", items: shapeOf(MAINTENANCE, { when: shapeOf(WHERE) }) },
    services: byKey(orNothing(service), names("services")),
    alerts: byKey(shapeOf(ALERT_SOURCE), KEY_NAMES),
    routes: { type: "array", items: shapeOf(ROUTE, { when: shapeOf(ROUTE_WHEN) }) },
    heartbeats: byKey(shapeOf(HEARTBEAT), KEY_NAMES),
  });
  return {
    $schema: DRAFT,
    title: "daytwo.yaml",
    description: "What runs, who answers for it, how to look at it, and what may be done to it.",
    ...orNothing(file),
  };
}

/** A step says what it does by the one key that is an action. */
function oneAction(step: Schema): Schema {
  return { ...step, oneOf: STEP_ACTIONS.map((action) => ({ required: [action] })) };
}

const DRAFT = "https://json-schema.org/draft/2020-12/schema";

/** The shape that the reader goes by; of the keys in `within`, which it reads part by part, theirs. Those may be empty. */
function shapeOf(part: z.ZodType, within: Readonly<Record<string, Schema>> = {}): Schema {
  const { $schema: _, ...shape } = z.toJSONSchema(part, { io: "input" });
  const filled = Object.entries(within).map(([key, inner]) => {
    const around = shape.properties?.[key];
    const description = typeof around === "object" ? around.description : undefined;
    return [key, { ...orNothing(inner), ...(description === undefined ? {} : { description }) }] as const;
  });
  if (filled.length === 0) return shape;
  return { ...shape, properties: { ...shape.properties, ...Object.fromEntries(filled) } };
}

/** `people:` with nothing beneath is the same as none. */
function orNothing(shape: Schema): Schema {
  return { anyOf: [shape, { type: "null" }] };
}

function byKey(shape: Schema, keys?: Schema): Schema {
  return { type: "object", ...(keys === undefined ? {} : { propertyNames: keys }), additionalProperties: shape };
}

const KEY_NAMES: Schema = { pattern: KEY.source };

function names(part: keyof typeof RESERVED): Schema {
  return { ...KEY_NAMES, not: { pattern: RESERVED[part].source } };
}

function duties(): Readonly<Record<string, z.ZodType>> {
  return Object.fromEntries(RESPONSIBILITIES.map((each) => [each, DUTY.optional()]));
}

function target(provider: string, settings: Schema): Schema {
  const common = shapeOf(TARGET_COMMON).properties ?? {};
  return withKeys(settings, { provider: { const: provider, description: "What it runs on." }, ...common }, [
    "provider",
  ]);
}

/** A check's settings and what every check takes: once, or as a list of named ones; only the ownership check can be off. */
function lookOf({ name, on, settings }: Kinds["checks"][number]): Schema {
  const { target: where, ...common } = shapeOf(CHECK_COMMON).properties ?? {};
  const properties = on === "target" && where !== undefined ? { target: where, ...common } : common;
  const own = shapeOf(settings);
  const once = withKeys(own, properties, []);
  const bare = settings.safeParse({}).success ? [{ type: "null" } as const] : [];
  const off = name === "ownership" ? [{ enum: ["off", false] }] : [];
  return { anyOf: [once, { type: "array", items: withKeys(own, properties, ["name"]) }, ...bare, ...off] };
}

/** The same shape with further keys; of a choice, each of its shapes. */
function withKeys(
  shape: Schema,
  properties: Readonly<Record<string, z.core.JSONSchema._JSONSchema>>,
  required: readonly string[],
): Schema {
  if (shape.anyOf !== undefined) {
    return {
      ...shape,
      anyOf: shape.anyOf.map((each) => (typeof each === "object" ? withKeys(each, properties, required) : each)),
    };
  }
  return {
    ...shape,
    properties: { ...properties, ...shape.properties },
    required: [...required, ...(shape.required ?? [])],
  };
}
