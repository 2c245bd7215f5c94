import type { Catalog, Person } from "../domain/catalog.ts";

/** Who is in the local workspace: the catalog's people, teams and channels, and two more who may only look. */

type Seed = {
  readonly team: { id: string; name: string; domain: string };
  readonly people: readonly {
    id: string;
    name: string;
    realName: string;
    kind: "member" | "guest";
    tz: string;
    tagline: string;
  }[];
  readonly channels: readonly { name: string; topic: string }[];
  readonly userGroups: readonly { id: string; handle: string; name: string; users: string[] }[];
  readonly buttons: readonly { label: string; text: string }[];
};

const LOOKERS = [
  {
    id: "U0RAE",
    name: "rae",
    realName: "Rae",
    kind: "member",
    tz: "UTC",
    tagline: "a colleague whom the catalog does not know",
  },
  { id: "U0GUS", name: "gus", realName: "Gus", kind: "guest", tz: "UTC", tagline: "a guest of the workspace" },
] as const;

const DEMO_BUTTONS = [
  { label: "Roll out a bad release", text: "/day2 demo bad-release" },
  { label: "Start the demo over", text: "/day2 demo reset" },
];

const TAGLINES = {
  reader: "may look",
  operator: "operator: takes items, asks for actions",
  approver: "approver: decides on what others ask for",
  admin: "admin",
};

export function seedFrom(catalog: Catalog, isDemo: boolean): Seed {
  const people = Object.values(catalog.people);
  const channels = [
    catalog.channel,
    ...Object.values(catalog.services).map((service) => service.channel),
    ...catalog.digests.map((digest) => digest.channel),
  ];
  return {
    team: { id: "T0LOCAL", name: "Daytwo local workspace", domain: "local" },
    people: [...people.flatMap(accountsOf), ...LOOKERS],
    channels: [...new Set(channels.map((channel) => channel.replace(/^#/, "")))].map((name) => ({
      name,
      topic: topicOf(catalog, name),
    })),
    userGroups: Object.values(catalog.teams).map((team) => ({
      id: team.slackGroup ?? `S0${team.key.toUpperCase()}`,
      handle: `team-${team.key}`,
      name: team.name,
      users: people.filter((person) => person.teams.includes(team.key)).flatMap((person) => person.slack.slice(0, 1)),
    })),
    buttons: isDemo ? DEMO_BUTTONS : [],
  };
}

function accountsOf(person: Person): Seed["people"] {
  return person.slack.map((id) => ({
    id,
    name: person.key,
    realName: person.name,
    kind: "member",
    tz: "UTC",
    tagline: TAGLINES[person.role],
  }));
}

function topicOf(catalog: Catalog, name: string): string {
  const services = Object.values(catalog.services).filter((service) => service.channel === `#${name}`);
  return services.length === 0
    ? "What needs somebody now"
    : `What needs somebody at ${services.map((service) => service.name).join(", ")}`;
}
