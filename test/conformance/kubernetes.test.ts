import { conforms } from "../support/conformance.ts";
import { openKubernetesFarSide } from "../support/kubernetes-far-side.ts";

// By a 409, or a 422 to a list of operations, nothing was done: it reads again, finds that nothing that matters has
// changed, and sends it anew.
conforms({ name: "kubernetes", open: openKubernetesFarSide, answers: { 409: "done", 422: "done" } });
