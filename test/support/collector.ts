import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A collector of traces: it takes OTLP over HTTP in protobuf, and keeps what it was told. */

export type Told = {
  readonly trace: string;
  readonly id: string;
  readonly parent: string;
  readonly name: string;
  /** 2 server, 3 client, 5 consumer, 1 within. */
  readonly kind: number;
  readonly start: bigint;
  readonly end: bigint;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly events: readonly string[];
  readonly failed: boolean;
};

export type Collector = {
  readonly url: string;
  readonly spans: readonly Told[];
  readonly resources: readonly Readonly<Record<string, unknown>>[];
  readonly heads: readonly IncomingHttpHeaders[];
  /** Everything that came in, as it came. */
  raw(): Buffer;
  /** What it does with the next ones; `hang` keeps them waiting until it closes. */
  does(what: "take" | "refuse" | "hang"): void;
  close(): Promise<void>;
};

export async function openCollector(): Promise<Collector> {
  const spans: Told[] = [];
  const resources: Record<string, unknown>[] = [];
  const heads: IncomingHttpHeaders[] = [];
  const bodies: Buffer[] = [];
  let now: Parameters<Collector["does"]>[0] = "take";
  const server = createServer((request, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks);
      heads.push(request.headers);
      if (now === "hang") return;
      if (now === "take" && request.url === "/v1/traces") {
        bodies.push(body);
        for (const group of all(fieldsOf(body), 1)) {
          resources.push(factsOf(all(fieldsOf(one(fieldsOf(group), 1)), 1)));
          for (const scope of all(fieldsOf(group), 2)) spans.push(...all(fieldsOf(scope), 2).map(spanOf));
        }
      }
      response.writeHead(now === "take" ? 200 : 400, { "content-type": "application/x-protobuf" }).end();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`,
    spans,
    resources,
    heads,
    raw: () => Buffer.concat(bodies),
    does(what) {
      now = what;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

type Field = { readonly number: number; readonly value: bigint | Buffer };

/** The fields of one protobuf message: varints and fixed64 as numbers, everything with a length as bytes. */
function fieldsOf(bytes: Buffer): Field[] {
  const fields: Field[] = [];
  let at = 0;
  function varint(): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes.readUInt8(at++);
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  }
  function take(length: number): Buffer {
    at += length;
    return bytes.subarray(at - length, at);
  }
  const read: Readonly<Record<number, () => bigint | Buffer>> = {
    0: varint,
    1: () => take(8).readBigUInt64LE(),
    2: () => take(Number(varint())),
    5: () => BigInt(take(4).readUInt32LE()),
  };
  while (at < bytes.length) {
    const key = Number(varint());
    const value = read[key & 7]?.();
    if (value === undefined) throw new Error(`no protobuf: wire type ${key & 7}`);
    fields.push({ number: key >> 3, value });
  }
  return fields;
}

function all(fields: readonly Field[], number: number): Buffer[] {
  return fields.flatMap((field) => (field.number === number && Buffer.isBuffer(field.value) ? [field.value] : []));
}

function one(fields: readonly Field[], number: number): Buffer {
  return all(fields, number)[0] ?? Buffer.alloc(0);
}

function count(fields: readonly Field[], number: number): bigint {
  const value = fields.find((field) => field.number === number)?.value;
  return typeof value === "bigint" ? value : 0n;
}

function factsOf(pairs: readonly Buffer[]): Record<string, unknown> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const [value] = fieldsOf(one(fieldsOf(pair), 2));
      const plain = Buffer.isBuffer(value?.value) ? value.value.toString() : Number(value?.value ?? 0n);
      return [one(fieldsOf(pair), 1).toString(), value?.number === 2 ? plain === 1 : plain];
    }),
  );
}

function spanOf(bytes: Buffer): Told {
  const fields = fieldsOf(bytes);
  return {
    trace: one(fields, 1).toString("hex"),
    id: one(fields, 2).toString("hex"),
    parent: one(fields, 4).toString("hex"),
    name: one(fields, 5).toString(),
    kind: Number(count(fields, 6)),
    start: count(fields, 7),
    end: count(fields, 8),
    facts: factsOf(all(fields, 9)),
    events: all(fields, 11).map((event) => one(fieldsOf(event), 2).toString()),
    failed: count(fieldsOf(one(fields, 15)), 3) === 2n,
  };
}
