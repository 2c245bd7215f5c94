import { conforms } from "../support/conformance.ts";
import {
  openGoogleDatabaseFarSide,
  openGoogleFarSide,
  openGoogleGroupFarSide,
  openGoogleRestartFarSide,
} from "../support/google-far-side.ts";

conforms({ name: "google", open: openGoogleFarSide });
// A group tries again for ever.
conforms({ name: "google groups", open: openGoogleGroupFarSide, tellsFailure: false, undoes: false });
// A backup is known again once it is there, and not by the request.
conforms({ name: "google databases", open: openGoogleDatabaseFarSide, compares: false, adds: true, undoes: false });
// What is seen of a restart is one since the plan, whoever asked for it.
conforms({ name: "google restarts", open: openGoogleRestartFarSide, compares: false, undoes: false });
