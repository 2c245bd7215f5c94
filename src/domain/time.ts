/**
 * The functions of date-fns that are used here. Each of them is resolved once, at this place alone: Node reads the whole
 * of a package's `exports` (200 KB for date-fns) for every import of it, which together cost a quarter of a second at start.
 */
export { addDays } from "date-fns/addDays";
export { addHours } from "date-fns/addHours";
export { addMilliseconds } from "date-fns/addMilliseconds";
export { addMinutes } from "date-fns/addMinutes";
export { addSeconds } from "date-fns/addSeconds";
export { differenceInMinutes } from "date-fns/differenceInMinutes";
export { max } from "date-fns/max";
export { nextMonday } from "date-fns/nextMonday";
export { set } from "date-fns/set";
export { subDays } from "date-fns/subDays";
export { subHours } from "date-fns/subHours";
export { subMilliseconds } from "date-fns/subMilliseconds";
export { subMinutes } from "date-fns/subMinutes";
export { subSeconds } from "date-fns/subSeconds";
