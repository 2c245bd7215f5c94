import type { Catalog } from "./catalog.ts";

/** Every channel that the catalog names, `#name` or id, each once. */
export function channelsOf({ channel, services, teams, digests }: Catalog): readonly string[] {
  const all = [
    channel,
    ...Object.values(services).map((service) => service.channel),
    ...Object.values(teams).flatMap((team) => team.channel ?? []),
    ...digests.map((digest) => digest.channel),
  ];
  return [...new Set(all)];
}
