import { z } from "zod";
import { reference } from "../../domain/secret-reference.ts";
import { certificate, program } from "./certificate.ts";

/** What the catalog says of a target on a host. */

const HOST = /^[A-Za-z0-9_]([A-Za-z0-9._:-]{0,252}[A-Za-z0-9])?$/;
const USER = /^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/;
/** Type of a host key → the algorithms by which the host may prove that it has it. */
export const KEY_TYPES: Readonly<Record<string, string>> = {
  "ssh-ed25519": "ssh-ed25519",
  "ecdsa-sha2-nistp256": "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384": "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521": "ecdsa-sha2-nistp521",
  "ssh-rsa": "rsa-sha2-512,rsa-sha2-256",
};
const HOST_KEY = new RegExp(`^(${Object.keys(KEY_TYPES).join("|")}) [A-Za-z0-9+/]{40,}={0,2}( [^\\n]*)?$`);

/** Of a target's settings those that say which host, and who we are there. */
export const place = z.strictObject({
  host: z.string().regex(HOST, "Write a name or an address, like shop1.example.com.").describe("The host."),
  port: z.int().min(1).max(65_535).optional().describe("The port of its sshd; 22 where this is left out."),
  user: z.string().regex(USER, "Write the account's name, like daytwo.").describe("The account there."),
  key: reference.describe("Where the private key is; it has no passphrase."),
  host_key: z
    .string()
    .regex(
      HOST_KEY,
      "Write the host's public key as its /etc/ssh/ssh_host_ed25519_key.pub has it; a fingerprint is not enough.",
    )
    .describe("The host's public key, like ssh-ed25519 AAAA…; no other is accepted."),
});
export type Place = z.infer<typeof place>;

export const settings = place
  .extend({
    path: z
      .string()
      .regex(/^\/[^\0\n]*[^\0\n/]$/, "Write it from the root on, without / at its end, like /srv/shop.")
      .optional()
      .describe("The directory with releases/ and the link current; a unit alone needs none."),
    unit: z
      .string()
      .regex(/^[A-Za-z0-9_@:][A-Za-z0-9_.@:-]*$/, "Write the unit's name, like shop.service.")
      .optional()
      .describe("The systemd unit that runs it; this, or `restart`."),
    restart: program
      .optional()
      .describe("The program, by its full path, and its arguments, that restart it where there is no unit."),
    certificate: certificate.optional(),
  })
  .refine(({ unit, restart }) => unit === undefined || restart === undefined, {
    error: "Name one of `unit` and `restart`.",
  })
  .refine(({ path, unit }) => path !== undefined || unit !== undefined, {
    error: "Name the `path` of its releases, or its `unit`.",
  })
  .meta({
    oneOf: [
      { required: ["unit"], not: { required: ["restart"] } },
      { required: ["path"], not: { required: ["unit"] } },
    ],
  });
export type Settings = z.infer<typeof settings>;
