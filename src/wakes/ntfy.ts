import type { Wake } from "../domain/wake.ts";
import { post, type Outcome } from "./answer.ts";
import { addressOf, type WakeFacts, type Use } from "./facts.ts";

/**
 * ntfy, published as JSON to the server that the topic is on, since its headers hold no text beyond ASCII for sure. A
 * notification that was shown stays, so that there is nothing to stop. https://docs.ntfy.sh/publish/#publish-as-json
 */

const URGENT = 5; // ntfy's highest: sounds through Do Not Disturb where the phone allows it

export async function ntfy(
  { url, token }: Extract<Wake, { kind: "ntfy" }>,
  { alarm, summary, links }: WakeFacts,
  use: Use,
): Promise<Outcome> {
  if (alarm !== "trigger") return { kind: "taken", said: "nothing is sent when an alarm stops" };
  const address = await addressOf(url, use);
  if (!URL.canParse(address) || !/\/[-_A-Za-z0-9]{1,64}$/.test(new URL(address).pathname))
    return { kind: "refused", why: "its url does not end in the name of a topic" };
  const server = new URL(".", address).href;
  const topic = new URL(address).pathname.split("/").at(-1);
  const [link] = links;
  return post({
    url: server,
    headers: token === undefined ? {} : { authorization: `Bearer ${(await use.secret(token)).trim()}` },
    body: JSON.stringify({
      topic,
      title: "Daytwo",
      message: summary,
      priority: URGENT,
      tags: ["rotating_light"],
      ...(link === undefined ? {} : { click: link.href }),
    }),
  });
}
