import {
  openCloud66FarSide,
  openCloud66ImagesFarSide,
  openCloud66MaintenanceFarSide,
} from "../support/cloud66-far-side.ts";
import { conforms } from "../support/conformance.ts";

// By a 503 it says in words that there were too many requests.
const answers = { 503: "later" } as const;
conforms({ name: "cloud66", open: () => openCloud66FarSide(), compares: false, answers });
conforms({ name: "cloud66 images", open: openCloud66ImagesFarSide, compares: false, answers });
conforms({ name: "cloud66 maintenance", open: openCloud66MaintenanceFarSide, compares: false, answers });
