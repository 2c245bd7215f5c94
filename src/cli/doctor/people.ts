import type { Person } from "../../domain/catalog.ts";
import { SlackLimited, SlackRefused, type Answer, type SlackClient } from "../../slack-client.ts";
import { because, doubtful, ill, unexamined, well, type Finding, type Patient } from "./finding.ts";
import { clientFor, connected } from "./slack.ts";

/** Whether every Slack account of the catalog's people is there, and one that may do what the catalog says. */
export async function examinePeople(patient: Patient): Promise<readonly Finding[]> {
  const slack = connected(patient);
  if (slack === null) return [unexamined("The local workspace makes the catalog's people.")];
  if (patient.catalog === null) return [unexamined("Without a catalog that can be read, nobody is known.")];
  const people = Object.values(patient.catalog.people);
  if (people.length === 0)
    return [doubtful("The catalog has no people, so nobody may act on targets.", "Add yourself under `people:`.")];
  const accounts = people.flatMap((person) => person.slack.map((account) => ({ person, account })));
  const findings = people.filter((person) => person.slack.length === 0).map(unreachable);
  const client = clientFor(slack);
  // One after another: Slack takes a hundred such questions a minute.
  for (const [index, { person, account }] of accounts.entries()) {
    const outcome = await examineOne(client, person, account);
    if (outcome === "enough") return [...findings, unanswered(accounts.length - index)];
    if (outcome !== null) findings.push(outcome);
  }
  return findings.length > 0
    ? findings
    : [well(`All ${accounts.length} accounts of the catalog's people are members of the workspace.`)];
}

function unreachable(person: Person): Finding {
  return doubtful(
    `${person.name} has no Slack account in the catalog, so nothing reaches them.`,
    `Add \`slack:\` with their member id to \`people.${person.key}\`.`,
  );
}

function unanswered(left: number): Finding {
  return doubtful(
    `Slack asked to wait with ${left} accounts still to look at.`,
    "Run `daytwo doctor` again in a minute.",
  );
}

const KINDS: readonly (readonly [flag: string, words: string, verdict: (sentence: string, next: string) => Finding])[] =
  [
    ["deleted", "is deactivated in Slack", ill],
    ["is_bot", "is a bot and may only read", doubtful],
    ["is_stranger", "belongs to another workspace and may only read", doubtful],
    ["is_ultra_restricted", "is a guest and may only read", doubtful],
    ["is_restricted", "is a guest and may only read", doubtful],
  ];

/** Null when nothing is to be said, "enough" when Slack wants to hear no more questions. */
async function examineOne(client: SlackClient, person: Person, account: string): Promise<Finding | "enough" | null> {
  const who = `${person.name} (${account})`;
  const at = `Correct \`people.${person.key}\` in the catalog.`;
  try {
    const user = (await client.call("users.info", { user: account }))["user"] as Answer;
    const kind = KINDS.find(([flag]) => user[flag] === true);
    return kind === undefined ? null : kind[2](`${who} ${kind[1]}.`, at);
  } catch (error) {
    if (error instanceof SlackLimited) return "enough";
    if (!(error instanceof SlackRefused))
      return ill(`${who} cannot be looked up: ${because(error)}.`, "Try again in a minute.");
    if (error.error === "user_not_found") return ill(`${who} is not in this workspace.`, at);
    if (error.error === "unknown_method")
      return ill(
        `This server cannot tell about ${who}, because it has no users.info.`,
        "Without it everybody may only read; use a server that has it.",
      );
    return ill(
      `${who} cannot be looked up: Slack answers ${error.error}.`,
      "Put right what is said about the bot token above.",
    );
  }
}
