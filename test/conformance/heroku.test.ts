import { conforms } from "../support/conformance.ts";
import { openHerokuBackupFarSide, openHerokuFarSide } from "../support/heroku-far-side.ts";

conforms({ name: "heroku", open: openHerokuFarSide, compares: false });
conforms({ name: "heroku backups", open: openHerokuBackupFarSide, compares: false, adds: true, undoes: false });
