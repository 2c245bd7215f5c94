import { randomBytes } from "node:crypto";
import type { Reply } from "../json-server.ts";
import { Refusal } from "./refusal.ts";
import { ACCOUNT } from "./service.ts";
import type { Person } from "./signature.ts";

/** The Security Token Service, which speaks XML: https://docs.aws.amazon.com/STS/latest/APIReference/ */

/** What somebody may become. */
export type Role = { readonly actions: Person["actions"]; readonly lasts: number };

export function actionOf(body: string): string {
  const form = new URLSearchParams(body);
  if (form.get("Version") !== "2011-06-15") throw new Refusal(400, "MissingVersion", "There is no such version.");
  return form.get("Action") ?? "";
}

export function answerTo(
  body: string,
  person: Person,
  { roles, people }: { readonly roles: ReadonlyMap<string, Role>; readonly people: Map<string, Person> },
): Reply {
  const action = actionOf(body);
  if (action === "GetCallerIdentity")
    return told(action, `<Arn>${person.arn}</Arn><UserId>AIDAEXAMPLE</UserId><Account>${ACCOUNT}</Account>`);
  if (action !== "AssumeRole") throw new Refusal(400, "InvalidAction", `Could not find operation ${action}.`);
  const form = new URLSearchParams(body);
  const arn = form.get("RoleArn") ?? "";
  const role = roles.get(arn);
  if (role === undefined)
    throw new Refusal(
      403,
      "AccessDenied",
      `User: ${person.arn} is not authorized to perform: sts:AssumeRole on ${arn}`,
    );
  const [id, secret, token] = [`ASIA${hex(8).toUpperCase()}`, `session-secret-${hex(8)}`, `session-token-${hex(20)}`];
  const name = arn.replace(/^.*:role\//, "");
  const own = `arn:aws:sts::${ACCOUNT}:assumed-role/${name}/${form.get("RoleSessionName")}`;
  people.set(id, { arn: own, secret, token, actions: role.actions });
  const ends = new Date(Date.now() + role.lasts).toISOString();
  return told(
    action,
    `<Credentials><AccessKeyId>${id}</AccessKeyId><SecretAccessKey>${secret}</SecretAccessKey>` +
      `<SessionToken>${token}</SessionToken><Expiration>${ends}</Expiration></Credentials>` +
      `<AssumedRoleUser><AssumedRoleId>AROAEXAMPLE:daytwo</AssumedRoleId><Arn>${own}</Arn></AssumedRoleUser>`,
  );
}

function hex(bytes: number): string {
  return randomBytes(bytes).toString("hex");
}

const XML = { "content-type": "text/xml" };

function told(action: string, result: string): Reply {
  const body =
    `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${action}Result>${result}</${action}Result>` +
    `<ResponseMetadata><RequestId>${hex(8)}</RequestId></ResponseMetadata></${action}Response>`;
  return { status: 200, body, headers: XML };
}

export function refused({ status, code, message }: Refusal): Reply {
  const safe = message.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  const body =
    `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${code}</Code>` +
    `<Message>${safe}</Message></Error><RequestId>${hex(8)}</RequestId></ErrorResponse>`;
  return { status, body, headers: XML };
}
