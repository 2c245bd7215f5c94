import { describe } from "vitest";
import { conforms } from "../support/conformance.ts";
import { openSshFarSide } from "../support/ssh-far-side.ts";
import { whyNoSshd } from "../support/sshd.ts";

describe.skipIf(whyNoSshd !== "")(`over a real sshd${whyNoSshd}`, () => {
  // Each status stands for what goes wrong in its place on a host: the far side has the table.
  conforms({ name: "ssh", open: openSshFarSide });
});
