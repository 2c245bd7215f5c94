import { conforms } from "../support/conformance.ts";
import { openKubernetesCertificateFarSide } from "../support/kubernetes-far-side.ts";

// By a 409 nothing was done: it reads again, finds that nothing that matters has changed, and sends it anew.
conforms({
  name: "kubernetes certificates",
  open: openKubernetesCertificateFarSide,
  answers: { 409: "done" },
  undoes: false,
});
