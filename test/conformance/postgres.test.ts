import { conforms } from "../support/conformance.ts";
import { openPostgresFarSide } from "../support/postgres-far-side.ts";

// Each status stands for what goes wrong in its place with a database. What another operation works on is worth another
// try; when, the server does not say, nor does it keep who was told to end.
conforms({
  name: "postgres",
  open: openPostgresFarSide,
  answers: { 409: "later" },
  saysWhen: false,
  remembers: false,
  undoes: false,
});
