import type { Arguments, Plan } from "../../domain/action.ts";
import type { Target } from "../../domain/catalog.ts";
import type { Observation, Session } from "../../domain/observation.ts";
import { drawTask } from "../../domain/task-plan.ts";
import { Invalid } from "../../errors.ts";
import { drawBy, type Drawn, type Draws, type PlanRequest } from "../draw.ts";

/** What each action would do to a database, drawn from what was observed. Pure. */

export function drawPlan(request: PlanRequest, seen: Observation): Plan {
  return drawBy(DRAW, `${request.target.key} is a database, where there is`, request, seen);
}

const DRAW: Draws = {
  end: (given, seen, target) => {
    const session = sessionIn(given, seen);
    return given.statement === true ? endStatement(session, target) : endSession(session, target);
  },
  run: (given, _seen, target) => ({
    ...drawTask(given, target),
    stays: ["everything: its transaction can only read"],
  }),
};

function endSession(session: Session, { service }: Target): Drawn {
  const { id, who, state, mark } = session;
  return {
    arguments: { session: id, mark },
    risk: "high",
    title: `End session ${id} of ${service} (${who})`,
    changes: { session: [state, "ended"] },
    reasons: about(session),
    stays: [
      "what it has committed; what its transaction has not is taken back by the server",
      "that the application connects again, and may do the same again",
    ],
  };
}

function endStatement(session: Session, { service }: Target): Drawn {
  const { id, who, state, statement } = session;
  if (statement === null)
    throw new Invalid(`Session ${id} (${who}) runs nothing that could be ended: it is ${state}.`, {
      hint: "Leave `statement` out: then the whole session ends, with its transaction.",
    });
  return {
    arguments: { session: id, statement: true, mark: statement.mark },
    risk: "low",
    title: `End what session ${id} of ${service} runs (${who})`,
    changes: { statement: [statement.word ?? "runs", "ended"] },
    reasons: [`It has run since ${at(statement.since)}`, ...about(session)],
    stays: [
      "the session; its application gets an error, and its transaction can only be rolled back",
      "that the application may do the same again",
    ],
  };
}

function sessionIn({ session: wanted }: Arguments, { sessions = [] }: Observation): Session {
  const found = sessions.find(({ id }) => id === wanted);
  if (found !== undefined) return found;
  const shown = sessions.slice(0, 5).map(({ id, who, state }) => `${id} (${who}, ${state})`);
  throw new Invalid(wanted === undefined ? "Which session?" : `There is no session ${wanted} that could be ended.`, {
    hint: shown.length === 0 ? "Nobody is connected, as far as our role may see." : `There is ${shown.join(", ")}.`,
  });
}

/** Nothing that grows while somebody reads it. */
function about({ role, address, state, connected, transaction, holdsUp }: Session): string[] {
  return [
    `It is ${state}${transaction === null ? ", in no transaction" : `; its transaction has been open since ${at(transaction)}`}`,
    ...(holdsUp.length === 0 ? [] : [`It holds up ${listed(holdsUp)}`]),
    `Connected since ${at(connected)} as ${role}${address === null ? "" : ` from ${address}`}`,
  ];
}

const NAMED = 5;

function listed(ids: readonly string[]): string {
  const more = ids.length - NAMED;
  return [...ids.slice(0, NAMED), ...(more > 0 ? [`${more} more`] : [])].join(", ");
}

function at(moment: string): string {
  return `${moment.slice(0, 19).replace("T", " ")} UTC`;
}
