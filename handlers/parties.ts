import type { App } from "../src/app.ts";
import type { Caller } from "../src/caller.ts";
import type { AssigneeWord, PartyWord } from "../src/command/request.ts";
import type { Assignee, Party } from "../src/domain/duty.ts";
import { Invalid } from "../src/errors.ts";
import { rotationNamed } from "../src/on-call/rotations.ts";
import { personOfAccount, personTyped } from "../src/people.ts";

/** The person or team that was meant. @throws Invalid naming who there is */
export function partyOf(app: App, caller: Caller, word: PartyWord): Party {
  const { catalog } = app.inForce();
  switch (word.kind) {
    case "self":
      if (caller.actor.person === null)
        throw new Invalid("The catalog does not know you yet, so nothing can be yours by name.", {
          hint: "`/day2 whoami` shows the line that makes you known, and who can add it.",
        });
      return { person: caller.actor.person };
    case "account": {
      const person = personOfAccount(catalog, word.account);
      return { person: (person ?? personTyped(catalog, `<@${word.account}>`)).key };
    }
    case "typed":
      return { person: personTyped(catalog, word.typed).key };
    case "team":
    case "group": {
      const team = Object.values(catalog.teams).find((each) =>
        word.kind === "team" ? each.key === word.team : each.slackGroup === word.group,
      );
      if (team === undefined)
        throw new Invalid("I know no such team.", {
          hint: `There is ${
            Object.keys(catalog.teams)
              .map((key) => `\`team-${key}\``)
              .join(", ") || "none in the catalog"
          }.`,
        });
      return { team: team.key };
    }
  }
}

/** The same, or the rotation that was meant. @throws Invalid naming who there is */
export function assigneeOf(app: App, caller: Caller, word: AssigneeWord): Assignee {
  if (word.kind !== "rotation") return partyOf(app, caller, word);
  return { rotation: rotationNamed(app.inForce(), word.rotation).key };
}

/** The person, where no team can be meant. @throws Invalid for a team */
export function personMeant(app: App, caller: Caller, word: PartyWord): string {
  const party = partyOf(app, caller, word);
  if ("person" in party) return party.person;
  throw new Invalid("A team cannot be on call at once.", { hint: "Name one of its people." });
}
