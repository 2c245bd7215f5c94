import { randomBytes } from "node:crypto";
import type { Reply } from "../json-server.ts";
import { Refusal } from "./refusal.ts";

/**
 * The older of AWS' protocols, of STS, EC2 Auto Scaling and RDS: a form goes in, XML comes out.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/Query-Requests.html
 */

export type Input = Readonly<Record<string, unknown>>;
export type QueryApi<State> = {
  /** As credentials are scoped to it. */
  readonly service: string;
  readonly version: string;
  readonly namespace: string;
  readonly operations: Readonly<Record<string, (state: State, input: Input) => object>>;
};

/** @throws Refusal */
export function actionIn(body: string, version: string): string {
  const form = new URLSearchParams(body);
  if (form.get("Version") !== version) throw new Refusal(400, "MissingVersion", "There is no such version.");
  return form.get("Action") ?? "";
}

/** `A.member.1=x&B.C=y` as { A: ["x"], B: { C: "y" } }: how lists are written, each API says itself. */
export function inputIn(body: string): Input {
  const input: Record<string, unknown> = {};
  for (const [path, value] of new URLSearchParams(body)) {
    if (path === "Action" || path === "Version") continue;
    const keys = path.split(".");
    const last = keys.pop() ?? "";
    const within = keys.reduce<Record<string, unknown>>(
      (at, key) => (at[key] ??= {}) as Record<string, unknown>,
      input,
    );
    within[last] = value;
  }
  return input;
}

type Shape = Readonly<Record<string, "string" | "number" | "boolean" | "list" | "object">>;

/** A request with other members than the API has, or of other types, would be a mistake that nobody sees. @throws Refusal */
export function taken(given: Input, shape: Shape): Input {
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => {
      const read = shape[name] === undefined ? undefined : READ[shape[name]](value);
      if (read === undefined)
        throw new Refusal(400, "MalformedQueryString", `The member ${name} is unknown or has another type.`);
      return [name, read];
    }),
  );
}

const READ: Readonly<Record<Shape[string], (value: unknown) => unknown>> = {
  string: (value) => (typeof value === "string" ? value : undefined),
  number: (value) => (typeof value === "string" && /^\d+$/.test(value) ? Number(value) : undefined),
  boolean: (value) => (value === "true" || value === "false" ? value === "true" : undefined),
  object: (value) => (typeof value === "object" ? value : undefined),
  list: (value) =>
    typeof value === "object" && value !== null ? Object.values(Object.values(value)[0] ?? {}) : undefined,
};

/** A list stands in its element as so many elements of the same name: `{ Tags: { member: [a, b] } }`. */
export function told({ namespace }: QueryApi<never>, action: string, result: object): Reply {
  const body =
    `<${action}Response xmlns="${namespace}"><${action}Result>${xml(result)}</${action}Result>` +
    `<ResponseMetadata><RequestId>${randomBytes(8).toString("hex")}</RequestId></ResponseMetadata></${action}Response>`;
  return { status: 200, body, headers: XML };
}

export function refused({ status, code, message }: Refusal, namespace: string): Reply {
  const body =
    `<ErrorResponse xmlns="${namespace}"><Error><Type>Sender</Type><Code>${code}</Code><Message>${safe(message)}</Message>` +
    `</Error><RequestId>${randomBytes(8).toString("hex")}</RequestId></ErrorResponse>`;
  return { status, body, headers: XML };
}

const XML = { "content-type": "text/xml" };

function xml(value: object): string {
  return Object.entries(value)
    .flatMap(([name, each]) =>
      Array.isArray(each) ? (each as unknown[]).map((one) => [name, one] as const) : [[name, each as unknown] as const],
    )
    .filter(([, each]) => each !== undefined && each !== null)
    .map(([name, each]) => `<${name}>${written(each)}</${name}>`)
    .join("");
}

function written(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  return typeof value === "object" && value !== null ? xml(value) : safe(String(value));
}

function safe(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
