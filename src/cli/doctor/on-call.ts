import { referencesIn } from "../../in-force/secrets.ts";
import type { Catalog, Person } from "../../domain/catalog.ts";
import type { Rotation } from "../../domain/rotation.ts";
import { WAKE_WORDS } from "../../domain/wake.ts";
import { readSecret } from "../../secret.ts";
import { because, doubtful, ill, unexamined, well, type Finding, type Patient } from "./finding.ts";
import { scopesIn } from "../../workspace.ts";
import { clientFor, connected } from "./slack.ts";

/** Whether whoever is on call can be woken, and whether user groups can follow them. Nobody is woken by it. */
export async function examineOnCall(patient: Patient): Promise<readonly Finding[]> {
  const { catalog } = patient;
  if (catalog === null) return [unexamined("Without a catalog that can be read, nobody is on call.")];
  const rotations = Object.values(catalog.rotations ?? {});
  const woken = Object.values(catalog.people).filter(({ wake }) => wake !== undefined);
  if (rotations.length + woken.length === 0)
    return [unexamined("The catalog has no rotations, and wakes nobody outside Slack.", "docs/on-call.md says how.")];
  const findings = [
    ...rotations.flatMap((rotation) => ofRotation(catalog, rotation)),
    ...ofPeople(catalog),
    ...(await ofCredentials(catalog)),
    ...(await ofGroups(patient, rotations)),
  ];
  if (findings.length > 0) return findings;
  return [
    well(`Whoever is on call can be woken: ${rotations.length} rotations. \`daytwo wake-test <person>\` proves it.`),
  ];
}

function ofRotation({ people }: Catalog, { name, key, members, wake }: Rotation): Finding[] {
  if (wake !== undefined) return [];
  const silent = members.filter((member) => people[member]?.wake === undefined);
  const at = `Add \`wake:\` to \`rotations.${key}\`, or to each of its people; docs/on-call.md has the ways.`;
  if (silent.length === members.length)
    return [doubtful(`The rotation ${name} can wake nobody: critical items reach its people in Slack alone.`, at)];
  return silent.length === 0
    ? []
    : [
        doubtful(
          `On call of ${name}, ${silent.map((one) => people[one]?.name ?? one).join(", ")} cannot be woken.`,
          at,
        ),
      ];
}

/** People who are on call of a service by name. */
function ofPeople({ services, people }: Catalog): Finding[] {
  const named = Object.values(services).flatMap(({ duties }) => {
    const duty = duties["on-call"];
    return duty !== undefined && "person" in duty ? [people[duty.person]] : [];
  });
  const silent = [...new Set(named)].filter(
    (person): person is Person => person !== undefined && person.wake === undefined,
  );
  return silent.map((person) =>
    doubtful(
      `${person.name} is on call and cannot be woken.`,
      `Add \`wake:\` to \`people.${person.key}\`; docs/on-call.md has the ways.`,
    ),
  );
}

async function ofCredentials({ people, rotations = {} }: Catalog): Promise<Finding[]> {
  const ways = [
    ...Object.values(people).map(({ key, wake }) => ({ at: `people.${key}`, wake })),
    ...Object.values(rotations).map(({ key, wake }) => ({ at: `rotations.${key}`, wake })),
  ];
  const findings = await Promise.all(
    ways.map(async ({ at, wake }) => {
      if (wake === undefined) return [];
      try {
        for (const reference of referencesIn(wake)) await readSecret(reference);
        return [];
      } catch (error) {
        return [
          ill(
            `The wake of ${at} (${WAKE_WORDS[wake.kind]}) cannot be used: ${because(error)}.`,
            "Set it where the bot runs.",
          ),
        ];
      }
    }),
  );
  return findings.flat();
}

async function ofGroups(patient: Patient, rotations: readonly Rotation[]): Promise<Finding[]> {
  const following = rotations.filter(({ slackGroup }) => slackGroup !== undefined);
  const slack = connected(patient);
  if (slack === null || following.length === 0) return [];
  const granted = scopesIn(await clientFor(slack).call("auth.test", {}));
  if (granted === null || granted.includes("usergroups:write")) return [];
  return [
    doubtful(
      `The user groups of ${following.map(({ name }) => name).join(", ")} cannot follow who is on call: the token lacks usergroups:write.`,
      "Add it under OAuth & Permissions → Bot Token Scopes, and choose Reinstall to Workspace; or leave `slack_group:` out.",
    ),
  ];
}
