import { conforms } from "../support/conformance.ts";
import { openLocalFarSide } from "../support/local-far-side.ts";

conforms({ name: "local", open: openLocalFarSide });
