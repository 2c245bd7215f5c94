import type { Person } from "./catalog.ts";
import type { Actor } from "./actor.ts";

/** Somebody as the catalog writes them: the line that they have, or would have. */

/** The line that makes somebody known, ready to be pasted beneath `people:`. */
export function catalogLine(actor: Pick<Actor, "name" | "account">): string {
  const plain = actor.name.normalize("NFD").replaceAll(/\p{M}/gu, "").toLowerCase();
  const slug = plain
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replace(/^[^a-z]+/, "")
    .slice(0, 40)
    .replace(/-+$/, "");
  const key =
    slug === "" || /^(nobody|me|(?:team|rotation)-.*)$/.test(slug) ? `person-${actor.account.toLowerCase()}` : slug;
  return `\`people: { ${key}: { name: ${JSON.stringify(actor.name.replaceAll("`", "'"))}, slack: ${actor.account}, role: operator } }\``;
}

/** The line that somebody has in the catalog, as it would be written on its own. */
export function personLine(person: Person): string {
  const [only, ...more] = person.slack;
  const roles = Object.entries(person.services).map(([service, role]) => `${service}: ${role}`);
  const parts = [
    `name: ${JSON.stringify(person.name.replaceAll("`", "'"))}`,
    ...(only === undefined ? [] : [`slack: ${more.length === 0 ? only : `[${person.slack.join(", ")}]`}`]),
    ...(person.teams.length === 0 ? [] : [`teams: [${person.teams.join(", ")}]`]),
    `role: ${person.role}`,
    ...(roles.length === 0 ? [] : [`services: { ${roles.join(", ")} }`]),
  ];
  return `\`people: { ${person.key}: { ${parts.join(", ")} } }\``;
}
