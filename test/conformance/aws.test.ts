import {
  openAwsDatabaseFarSide,
  openAwsFarSide,
  openAwsGroupFarSide,
  openAwsUpdateFarSide,
} from "../support/aws-far-side.ts";
import { conforms } from "../support/conformance.ts";

// AWS compares nothing, and says 400 for most of what it does not do; what else it answers means what it says.
conforms({ name: "aws", open: openAwsFarSide, compares: false });
conforms({ name: "aws databases", open: openAwsDatabaseFarSide, compares: false, adds: true, undoes: false });
conforms({ name: "aws updates", open: openAwsUpdateFarSide, compares: false, undoes: false });
conforms({ name: "aws groups", open: openAwsGroupFarSide, compares: false });
