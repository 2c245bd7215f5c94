import type { App } from "../app.ts";
import { operation } from "../board.ts";
import { aloneIsOpen, approversOf } from "../domain/approving.ts";
import { serviceNameOf } from "../domain/catalog.ts";
import type { OperationCard } from "../domain/board/operation-card.ts";
import { aloneBy } from "../operations/going-alone.ts";
import { namesOf } from "../people.ts";
import { askedOf, decisionsOf } from "../store/approvals.ts";
import { progressOf } from "../store/events.ts";
import { stepsOf } from "../store/steps.ts";

/** Reads the card of an operation. */

export async function readOperationCard(app: App, id: number): Promise<OperationCard> {
  const found = await operation(app, id);
  const inForce = app.inForce();
  const steps = await stepsOf(app.db, id);
  const step = steps.at(-1);
  const decisions = await decisionsOf(app.db, id);
  return {
    now: app.now(),
    names: namesOf(inForce),
    operation: found,
    serviceName: serviceNameOf(inForce.catalog, found.service),
    decisions,
    approvers: found.approvals === 0 ? [] : approversOf(inForce.catalog, found).map((person) => person.key),
    asked: found.approvals === 0 ? [] : await askedOf(app.db, id),
    restAt: found.restAt,
    alone: aloneIsOpen(found, decisions, app.now()) ? aloneBy(app, found).map((person) => person.key) : [],
    progress: await progressOf(app.db, id, 8),
    needsPerson:
      step?.state === "needs_human" && found.state === "running"
        ? {
            target: step.target,
            sentAt: step.intentAt,
            seen: step.outcome ?? "what happened is not known",
            lookingSince: step.lookAskedAt,
          }
        : null,
    steps: found.plan?.steps === undefined ? [] : steps.map((each) => ({ ...each, sentAt: each.intentAt })),
  };
}
