// The live stream. After an interruption everything is read afresh, so a missed event cannot leave the page wrong.

import { actingAs } from "./api.js";

const RETRY = 1000;

/**
 * @param {{ event: (event: any) => void, back: () => void, state: (online: boolean) => void }} listener
 *   event: one live event; back: connected again after a gap; state: whether the connection stands
 */
export function openStream(listener) {
  let before = false;
  function connect() {
    const source = new EventSource(`/client/stream?${new URLSearchParams({ as: actingAs() })}`);
    source.onopen = () => {
      listener.state(true);
      if (before) listener.back();
      before = true;
    };
    source.onmessage = ({ data }) => listener.event(JSON.parse(data));
    source.onerror = () => {
      listener.state(false);
      // The browser reconnects by itself unless the answer was an error; then it gives up and we begin again.
      if (source.readyState === EventSource.CLOSED) setTimeout(connect, RETRY);
    };
  }
  connect();
}
