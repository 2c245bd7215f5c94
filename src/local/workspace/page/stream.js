// The live stream. Each time it opens everything is read afresh, so a missed event cannot leave the page wrong.

import { actingAs } from "./api.js";

const RETRY = 1000;

/**
 * @param {{ event: (event: any) => void, state: (isOpen: boolean) => void }} listener
 *   event: one live event; state: the stream opened or broke
 */
export function openStream(listener) {
  function connect() {
    const source = new EventSource(`/client/stream?${new URLSearchParams({ as: actingAs() })}`);
    source.onopen = () => listener.state(true);
    source.onmessage = ({ data }) => listener.event(JSON.parse(data));
    source.onerror = () => {
      listener.state(false);
      // The browser reconnects by itself unless the answer was an error; then it gives up and we begin again.
      if (source.readyState === EventSource.CLOSED) setTimeout(connect, RETRY);
    };
  }
  connect();
}
