import type { IncomingMessage } from "node:http";
import { Unavailable } from "../src/errors.ts";

/**
 * Bodies that are being read, or are not answered yet. Together they hold no more than so many bytes; what counts is what has
 * come, not what was announced. Of large ones that come at once one is taken up in each turn of the event loop: to make sense of
 * it takes long, and whoever asks for something small is answered in between.
 */
export type Bodies = {
  /** What comes of the whole body; it is null when larger than `limit` bytes. @throws Unavailable when too much is held at once, or the sender goes away */
  read<Result>(
    request: IncomingMessage,
    limit: number,
    work: (body: Buffer | null) => Promise<Result>,
  ): Promise<Result>;
};

const LARGE = 16 * 1024; // bytes

export function openBodies(most: number): Bodies {
  let held = 0;
  let turn = Promise.resolve();
  function nextTurn(): Promise<void> {
    turn = turn.then(() => new Promise((resolve) => void setImmediate(resolve)));
    return turn;
  }
  function whole(request: IncomingMessage, limit: number, took: (bytes: number) => void): Promise<Buffer | null> {
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let size = 0;
      function take(chunk: Buffer): void {
        size += chunk.length;
        if (size <= limit && held + chunk.length <= most) {
          took(chunk.length);
          chunks.push(chunk);
          return;
        }
        // The rest is let go by, uncounted: whoever is cut off while sending may never hear why.
        request.off("data", take).resume();
        chunks.length = 0;
        if (size > limit) resolve(null);
        else reject(new Unavailable("Too much is being sent at once."));
      }
      request.on("data", take);
      request.on("end", () => resolve(Buffer.concat(chunks)));
      const brokeOff = new Unavailable("The request broke off."); // its sender's doing, and nobody hears the answer
      request.on("error", () => reject(brokeOff));
      request.on("close", () => {
        if (!request.complete) reject(brokeOff);
      });
    });
  }
  return {
    async read(request, limit, work) {
      if (Number(request.headers["content-length"] ?? 0) > limit) return work(null);
      let own = 0;
      try {
        const body = await whole(request, limit, (bytes) => {
          own += bytes;
          held += bytes;
        });
        if (own > LARGE) await nextTurn();
        return await work(body);
      } finally {
        held -= own;
      }
    },
  };
}
