import type { SectionBlock } from "@slack/types";
import type { TourCard } from "../domain/board/tour.ts";
import { countDone, TOUR_LINES, type LineState, type TourHelp, type TourLine } from "../domain/tour.ts";
import { type Message, button, context, section } from "./blocks.ts";
import { ACTION_IDS } from "./ids.ts";
import { joined, plain } from "./text.ts";

/** The first message of the demo: four lines, each with the button that helps until it is done. */
export function tourMessage(card: TourCard): Message {
  const done = `${countDone(card.tour)} of ${TOUR_LINES.length} done`;
  return {
    text: `A tour of the demo: ${done}`,
    blocks: [
      section(
        "👋 *A tour of the demo:* four things to do, with these buttons or in your own way. Everything is real: processes, a database and a certificate on this machine.",
      ),
      ...TOUR_LINES.map((line) => lineOf(line, card)),
      context(countDone(card.tour) === TOUR_LINES.length ? NEXT : `${done} · \`/day2 help\` lists every verb`),
    ],
  };
}

const NEXT =
  "All done. Next: `/day2 add https://…` watches a public address of yours, and the README tells how to connect your own Slack.";

type Words = { readonly said: string; readonly help?: { readonly label: string; readonly does: TourHelp } };

const MARKS: Readonly<Record<LineState, string>> = { open: "⬜", "under way": "⏳", done: "✅" };

function lineOf(line: TourLine, card: TourCard): SectionBlock {
  const state = card.tour[line];
  const { said, help } = LINES[line](state, card);
  const marked = `${MARKS[state]} ${said}`;
  return help === undefined ? section(marked) : section(marked, button(help.label, ACTION_IDS.tour, help.does));
}

const LINES: Readonly<Record<TourLine, (state: LineState, card: TourCard) => Words>> = {
  take: (state) =>
    state === "done"
      ? { said: "*An item was taken.* `/day2` and Daytwo's Home tab show what is yours." }
      : {
          said: "*Take an item that is nobody's.* Its card says for everybody that it is yours, and since when.",
          help: { label: "Take one", does: "take" },
        },
  renew: (state, card) =>
    state === "done"
      ? { said: "*The certificate was renewed.* Its item resolves itself, because its check passes again." }
      : {
          said: `*Renew the certificate of the ${shop(card)}.* It runs out within days. A plan is drawn first; its card in ${where(card)} tells how it goes.`,
          help: { label: "Renew it…", does: "renew-cert" },
        },
  rollback: (state, card) => ROLLBACK[state](card),
  digest: (state, { channel }) =>
    state === "done"
      ? { said: `*The digest was read.* It comes to ${plain(channel, 80)} on every working day.` }
      : {
          said: "*See today's digest:* what has no owner, what is overdue, what waits for approval.",
          help: { label: "Show it", does: "digest" },
        },
};

const ROLLBACK: Readonly<Record<LineState, (card: TourCard) => Words>> = {
  open: (card) => ({
    said: `*Roll out a bad release of the ${shop(card)}, and roll it back.* Requests fail; a card in ${where(card)} says so within seconds, and what helps.`,
    help: { label: "Roll it out", does: "bad-release" },
  }),
  "under way": (card) => ({
    said: `*The bad release is out: roll it back.* Its card is in ${where(card)}.${approval(card)}`,
    help: { label: "Roll back…", does: "rollback" },
  }),
  done: () => ({
    said: "*A bad release was rolled back.* `/day2 audit shop` has the record: who asked, who approved, what came of it.",
  }),
};

function shop({ serviceName }: TourCard): string {
  return plain(serviceName, 60).toLowerCase();
}

function where({ serviceChannel }: TourCard): string {
  return plain(serviceChannel, 80);
}

/** Nobody approves what they asked for themselves. */
function approval({ approvers }: TourCard): string {
  if (approvers.length === 0) return "";
  const names = joined(
    approvers.map((name) => plain(name, 60)),
    " or ",
    300,
  );
  return ` ${names} has to approve: choose who you are under "Acting as", and find the request in your messages.`;
}
