/**
 * The functions of date-fns that are used here. They are read in at this place alone, and by their files: of a package that
 * is asked for by its name, and of each ES module in one, Node reads the `package.json` anew, which in date-fns is 200 KB and took
 * a tenth of a start.
 */
export { addDays } from "../../node_modules/date-fns/addDays.cjs";
export { addHours } from "../../node_modules/date-fns/addHours.cjs";
export { addMilliseconds } from "../../node_modules/date-fns/addMilliseconds.cjs";
export { addMinutes } from "../../node_modules/date-fns/addMinutes.cjs";
export { addSeconds } from "../../node_modules/date-fns/addSeconds.cjs";
export { differenceInMinutes } from "../../node_modules/date-fns/differenceInMinutes.cjs";
export { max } from "../../node_modules/date-fns/max.cjs";
export { nextMonday } from "../../node_modules/date-fns/nextMonday.cjs";
export { set } from "../../node_modules/date-fns/set.cjs";
export { subDays } from "../../node_modules/date-fns/subDays.cjs";
export { subHours } from "../../node_modules/date-fns/subHours.cjs";
export { subMilliseconds } from "../../node_modules/date-fns/subMilliseconds.cjs";
export { subMinutes } from "../../node_modules/date-fns/subMinutes.cjs";
export { subSeconds } from "../../node_modules/date-fns/subSeconds.cjs";
