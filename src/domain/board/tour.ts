import type { Tour } from "../tour.ts";

/** The demo's tour, with the names that its lines need. */
export type TourCard = {
  readonly tour: Tour;
  readonly serviceName: string;
  readonly serviceChannel: string;
  readonly channel: string;
  /** Names of who may approve. */
  readonly approvers: readonly string[];
};
