import { describe } from "vitest";
import { conforms } from "../support/conformance.ts";
import { openSshCertificateFarSide } from "../support/ssh-far-side.ts";
import { whyNoSshd } from "../support/sshd.ts";

describe.skipIf(whyNoSshd !== "")(`over a real sshd${whyNoSshd}`, () => {
  // A 422 is a release that is gone, which no certificate needs.
  conforms({ name: "ssh certificates", open: openSshCertificateFarSide, answers: { 422: "done" }, undoes: false });
});
