import { ACTIONS } from "../domain/action.ts";
import type { Action, Arguments } from "../domain/action.ts";
import { nearest } from "../domain/nearest.ts";
import { Invalid } from "../errors.ts";
import {
  missingService,
  nextWord,
  takeDuration,
  takeNothing,
  takeOneOf,
  takeServicePathIfThere,
  takeText,
} from "./pieces.ts";
import type { ActionRequest, Context } from "./request.ts";
import { readTask, TASK_AHEAD } from "./task.ts";
import type { Words } from "./words.ts";

/** Reads a request for an action: on what, and with which arguments. */

export function readAction(verb: Action, words: Words, context: Context): ActionRequest {
  const on = takeOn(verb, words, context);
  const given = ARGUMENTS[verb](words);
  const despite = takeDespite(words);
  takeNothing(words);
  return { verb, on, item: context.item ?? null, arguments: given, ...(despite === null ? {} : { despite }) };
}

const DESPITE = /despite(?=[\s:,]|$)/;
const DESPITE_AHEAD = new RegExp(`^${DESPITE.source}`);

/** Why it shall be done although policy asks for a pause: the rest of the command, in their own words. */
function takeDespite(words: Words): string | null {
  if (words.take(DESPITE) === null) return null;
  return takeText(words, "Despite policy, why? Write the reason behind `despite`; approvers read it.");
}

/** The action that a plan is asked for: "rollback shop". */
export function readPlannedAction(words: Words, context: Context): ActionRequest {
  const verb = takeOneOf(words, ACTIONS);
  if (verb !== undefined) return readAction(verb, words, context);
  const near = nearest(nextWord(words), ACTIONS);
  const said = words.rest === "" ? "A plan for which action?" : `\`${nextWord(words)}\` is not an action.`;
  throw new Invalid(said, {
    hint: near === undefined ? `Possible: ${ACTIONS.join(", ")}.` : `Did you mean \`${near}\`?`,
  });
}

/** What may follow where the service is left out in a thread; none of it can be a service. */
const ARGUMENT_AHEAD: Readonly<Record<Action, RegExp>> = {
  scale: /^((for|despite)\s|[a-z][\w.-]*\s*[=:])/,
  rollback: /^((to|despite)\s|v?\d)/,
  restart: /^despite\s/,
  "renew-cert": /^despite\s/,
  pause: /^(for|despite)\s/,
  resume: /^despite\s/,
  backup: /^despite\s/,
  maintenance: /^(on|off|despite)(\s|$)/,
  reboot: /^despite\s/,
  patch: /^despite\s/,
  end: /^(session\s+)?['"`#]*\d/,
  run: TASK_AHEAD,
};

function takeOn(verb: Action, words: Words, context: Context): ActionRequest["on"] {
  if (context.item !== undefined && (words.rest === "" || ARGUMENT_AHEAD[verb].test(words.rest))) return null;
  if (verb === "scale" && ARGUMENT_AHEAD.scale.test(words.rest))
    throw new Invalid("Which service? Write it before the sizes: `shop web=4`.");
  if (verb === "maintenance" && ARGUMENT_AHEAD.maintenance.test(words.rest))
    throw new Invalid("Which service? Write it before `on` or `off`: `shop on`.");
  const path = takeServicePathIfThere(words);
  return path === undefined ? missingService(words) : { service: path.service, target: path.part };
}

const ARGUMENTS: Readonly<Record<Action, (words: Words) => Arguments>> = {
  scale: readSizes,
  rollback: readRelease,
  restart: readProcess,
  "renew-cert": () => ({}),
  pause: readHowLong,
  resume: () => ({}),
  backup: () => ({}),
  maintenance: readMaintenance,
  reboot: () => ({}),
  patch: readUpdate,
  end: readSession,
  run: readTask,
};

const PROCESS = "[a-z][a-z0-9_.-]{0,39}";
const SIZE = new RegExp(`['"\`]*(${PROCESS})\\s*[=:]\\s*(\\d{1,9})['"\`]*(?=[.!]*(?:[\\s,;]|$))[\\s,;.!]*(?:and\\s+)?`);
const MOST = 10_000;

function readSizes(words: Words): Arguments {
  const sizes: Record<string, number> = {};
  let temporary: number | undefined;
  while (words.rest !== "") {
    if (words.take(/for(?=\s|$)/) !== null) {
      if (temporary !== undefined) throw new Invalid("There are two durations; keep one.");
      temporary = takeDuration(words);
      continue;
    }
    const match = words.take(SIZE);
    if (match === null) break;
    const [process, count] = [(match[1] ?? "").toLowerCase(), Number(match[2])];
    if (Object.hasOwn(sizes, process)) throw new Invalid(`\`${process}\` is sized twice; keep one.`);
    if (count > MOST) throw new Invalid(`${count} is more than anybody means: ${MOST} at most.`);
    sizes[process] = count;
  }
  if (Object.keys(sizes).length === 0) throw notASize(words);
  return temporary === undefined ? { sizes } : { sizes, temporary };
}

/** Sizes as people say them: "web 4", "web to 4", "web x4", "4 web". */
const NEARLY = [
  /^(?!to\s)(?<process>[a-z][\w.-]*)\s+(?:to\s+|[x×*]\s*)?(?<count>\d+)(?=\s|$)/,
  /^(?<count>\d+)\s*(?:[x×*]\s*)?(?<process>[a-z][\w.-]*)(?=\s|$)/,
];

function notASize(words: Words): Invalid {
  if (words.rest === "") return new Invalid("To what size? Write the process and its number, such as `web=4`.");
  const { process, count } = NEARLY.map((pattern) => pattern.exec(words.rest)?.groups).find(Boolean) ?? {};
  const hint = process === undefined ? {} : { hint: `Did you mean \`${process}=${count}\`?` };
  return new Invalid(
    `\`${nextWord(words)}\` is not a size. Write the process and the whole number wanted, such as \`web=4\`.`,
    hint,
  );
}

function readRelease(words: Words): Arguments {
  if (DESPITE_AHEAD.test(words.rest)) return {};
  const to = words.take(/to(?=\s|$)/) !== null;
  const match = words.take(/['"`]*([a-z0-9][\w.:@/+-]{0,127}?)['"`]*[.,;!?]*(?=\s|$)/);
  if (match === null || isPolite(match[1])) {
    if (to)
      throw new Invalid("To which release? Write its name, such as `to v141`, or leave it out for the one before.");
    return {};
  }
  // A phone begins a word with a capital; releases are called v141.
  return { release: (match[1] ?? "").replace(/^V(?=\d)/, "v") };
}

function readHowLong(words: Words): Arguments {
  return words.take(/for(?=\s|$)/) === null ? {} : { temporary: takeDuration(words) };
}

function readProcess(words: Words): Arguments {
  if (DESPITE_AHEAD.test(words.rest)) return {};
  const match = words.take(new RegExp(`['"\`]*(${PROCESS}?)['"\`]*[.,;!?]*(?=\\s|$)`));
  return match === null || isPolite(match[1]) ? {} : { process: (match[1] ?? "").toLowerCase() };
}

function readMaintenance(words: Words): Arguments {
  const word = words.take(/['"`]*(on|off)['"`]*[.,;!?]*(?=\s|$)/)?.[1]?.toLowerCase();
  if (word === undefined)
    throw new Invalid("Shall visitors see a maintenance page? Write `on`, or `off` behind the service.", {
      hint: "A time in which failing checks ask nobody is another thing: `/day2 window shop sat 22:00 for 2h reason`.",
    });
  if (word === "off" || words.take(/for(?=\s|$)/) === null) return { maintenance: word === "on" ? "on" : "off" };
  return { maintenance: "on", temporary: takeDuration(words) };
}

function readUpdate(words: Words): Arguments {
  if (DESPITE_AHEAD.test(words.rest)) return {};
  const update = words.take(/['"`]*([a-z][a-z0-9-]{0,63})['"`]*[.,;!?]*(?=\s|$)/)?.[1]?.toLowerCase();
  return update === undefined || isPolite(update) ? {} : { update };
}

function readSession(words: Words): Arguments {
  const session = words.take(/(?:session\s+)?['"`#]*(\d{1,10})['"`]*[.,;!?]*(?=\s|$)/)?.[1];
  if (session === undefined)
    throw new Invalid("Which session? Write its number, such as `12345`.", {
      hint: "`/day2 status` of the service shows those that hold others up.",
    });
  const statement = words.take(/(?:only\s+)?(?:the\s+)?statement[.,;!?]*(?=\s|$)/) !== null;
  return statement ? { session, statement } : { session };
}

function isPolite(word: string | undefined): boolean {
  return /^(please|pls|thanks|now)$/i.test(word ?? "");
}
