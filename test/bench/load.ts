import { connect } from "node:net";

/** A load generator that costs little itself: keep-alive sockets, one request at a time on each, the next one at once. */

export type Load = {
  readonly port: number;
  readonly connections: number;
  /** ms that new requests are sent for. */
  readonly lasts: number;
  /** The bytes of the n-th request. */
  request(n: number): Buffer;
};

export type Answered = {
  /** Status → how many. */
  readonly statuses: Readonly<Record<string, number>>;
  readonly count: number;
  /** ms until the last answer. */
  readonly took: number;
  readonly p50: number;
  readonly p99: number;
  readonly slowest: number;
};

export async function fire(load: Load): Promise<Answered> {
  const statuses: Record<string, number> = {};
  const latencies: number[] = [];
  const began = performance.now();
  let sent = 0;
  function next(): Buffer | null {
    return performance.now() - began < load.lasts ? load.request((sent += 1)) : null;
  }
  function answered(status: string, took: number): void {
    statuses[status] = (statuses[status] ?? 0) + 1;
    latencies.push(took);
  }
  await Promise.all(Array.from({ length: load.connections }, () => talk(load.port, next, answered)));
  const took = performance.now() - began;
  return { statuses, count: latencies.length, took, ...spreadOf(latencies) };
}

/** Sends each of these requests once, as fast as the connections take them. What breaks off is counted as unanswered. */
export async function fireAll(port: number, connections: number, requests: Iterable<Buffer>): Promise<Answered> {
  const statuses: Record<string, number> = {};
  const latencies: number[] = [];
  const began = performance.now();
  const left = requests[Symbol.iterator]();
  function next(): Buffer | null {
    const { done, value } = left.next();
    return done === true ? null : value;
  }
  function answered(status: string, took: number): void {
    statuses[status] = (statuses[status] ?? 0) + 1;
    latencies.push(took);
  }
  await Promise.allSettled(Array.from({ length: connections }, () => talk(port, next, answered)));
  const took = performance.now() - began;
  return { statuses, count: latencies.length, took, ...spreadOf(latencies) };
}

function spreadOf(latencies: number[]): Pick<Answered, "p50" | "p99" | "slowest"> {
  latencies.sort((a, b) => a - b);
  return { p50: at(latencies, 0.5), p99: at(latencies, 0.99), slowest: at(latencies, 1) };
}

export function at(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function talk(
  port: number,
  next: () => Buffer | null,
  answered: (status: string, took: number) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    let received = "";
    let sentAt = 0;
    function send(): void {
      const request = next();
      if (request === null) return void socket.end();
      sentAt = performance.now();
      socket.write(request);
    }
    socket.setNoDelay(true);
    socket.on("connect", send);
    socket.on("data", (chunk) => {
      received += chunk.toString("latin1");
      if (!isWhole(received)) return;
      answered(received.slice(9, 12), performance.now() - sentAt);
      received = "";
      send();
    });
    socket.on("error", reject);
    socket.on("close", () => resolve());
  });
}

/** Whether an answer has come whole: by its length, or by its last chunk. */
function isWhole(received: string): boolean {
  const head = received.indexOf("\r\n\r\n");
  if (head === -1) return false;
  if (/\r\ntransfer-encoding: chunked/i.test(received.slice(0, head + 2))) return received.endsWith("\r\n0\r\n\r\n");
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(received.slice(0, head + 2))?.[1] ?? 0);
  return received.length >= head + 4 + length;
}
