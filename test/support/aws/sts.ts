import { randomBytes } from "node:crypto";
import { Refusal } from "./refusal.ts";
import { ACCOUNT } from "./service.ts";
import type { Person } from "./signature.ts";
import type { QueryApi } from "./query.ts";

/** The Security Token Service: https://docs.aws.amazon.com/STS/latest/APIReference/ */

/** What somebody may become. */
export type Role = { readonly actions: Person["actions"]; readonly lasts: number };

export type Sts = {
  /** Whoever asks. */
  readonly person: Person;
  readonly roles: ReadonlyMap<string, Role>;
  readonly people: Map<string, Person>;
};

export const STS: QueryApi<Sts> = {
  service: "sts",
  version: "2011-06-15",
  namespace: "https://sts.amazonaws.com/doc/2011-06-15/",
  operations: {
    GetCallerIdentity: ({ person }) => ({ Arn: person.arn, UserId: "AIDAEXAMPLE", Account: ACCOUNT }),
    AssumeRole({ person, roles, people }, { RoleArn, RoleSessionName }) {
      const arn = String(RoleArn);
      const role = roles.get(arn);
      if (role === undefined)
        throw new Refusal(
          403,
          "AccessDenied",
          `User: ${person.arn} is not authorized to perform: sts:AssumeRole on ${arn}`,
        );
      const [id, secret, token] = [
        `ASIA${hex(8).toUpperCase()}`,
        `session-secret-${hex(8)}`,
        `session-token-${hex(20)}`,
      ];
      const own = `arn:aws:sts::${ACCOUNT}:assumed-role/${arn.replace(/^.*:role\//, "")}/${String(RoleSessionName)}`;
      people.set(id, { arn: own, secret, token, actions: role.actions });
      return {
        Credentials: {
          AccessKeyId: id,
          SecretAccessKey: secret,
          SessionToken: token,
          Expiration: new Date(Date.now() + role.lasts),
        },
        AssumedRoleUser: { AssumedRoleId: "AROAEXAMPLE:daytwo", Arn: own },
      };
    },
  },
};

function hex(bytes: number): string {
  return randomBytes(bytes).toString("hex");
}
