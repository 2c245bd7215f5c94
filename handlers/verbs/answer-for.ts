import { serviceOwners } from "../../src/board/services.ts";
import { assign, serviceNamed } from "../../src/ownership.ts";
import { namesOf } from "../../src/people.ts";
import { answerMessage } from "../../src/slack/answer-message.ts";
import { ownersMessage } from "../../src/slack/owners-message.ts";
import { away, cover, oncall } from "../on-call.ts";
import { assigneeOf } from "../parties.ts";
import type { Verbs } from "./verb.ts";

/** Who answers for what, and who is on call. */

export const ANSWER_FOR = {
  owners: (app, _caller, { service }) => {
    const { services } = app.inForce().catalog;
    const wanted = service === null ? Object.values(services) : [serviceNamed(app.inForce().catalog, service)];
    const owners = wanted.map((each) => serviceOwners(app, each));
    return Promise.resolve(ownersMessage(owners, namesOf(app.inForce())));
  },
  assign: async (app, caller, { service, responsibility, to }) => {
    await assign(app, caller, service, responsibility, to === null ? null : assigneeOf(app, caller, to));
    return answerMessage(
      `${responsibility} of ${service} ${to === null ? "is nobody's now" : "has its owner"}. Keep it by writing it into daytwo.yaml; \`/day2 owners ${service}\` shows it.`,
    );
  },
  oncall,
  cover,
  away,
} satisfies Partial<Verbs>;
