import type { Reply } from "../json-server.ts";

/**
 * Lists by ranges, as the Platform API pages them: `id ..; max=200`, `version ..; order=desc,max=10`, and the next one from
 * the header Next-Range. What is left makes the answer a 206.
 */

const RANGE = /^(\w+) (\]?)(\S*?)\.\.(?:;\s*(.*))?$/;
const DEFAULT = 200;
const MOST = 1_000;

type Wanted = { readonly field: string; readonly after: string | null; readonly isDown: boolean; readonly max: number };

/** Null where no such range can be had. */
function wantedBy(range: string, fields: readonly string[]): Wanted | null {
  const [, field = "", exclusive, start = "", options = ""] = RANGE.exec(range) ?? [];
  const given = new Map(options.split(/,\s*/).map((each) => [each.split("=")[0], each.split("=")[1]]));
  const max = Number(given.get("max") ?? DEFAULT);
  if (!fields.includes(field) || !(max >= 1 && max <= MOST) || (start !== "" && exclusive !== "]")) return null;
  return { field, after: start === "" ? null : start, isDown: given.get("order") === "desc", max };
}

/** Items by the range that was asked for; a field is compared as what it is. */
export function page<Item extends object>(
  items: readonly Item[],
  { range = "id ..", fields }: { range: string | undefined; fields: readonly string[] },
): Reply {
  const wanted = wantedBy(range, fields);
  if (wanted === null)
    return {
      status: 416,
      body: { id: "requested_range_not_satisfiable", message: "The range cannot be had." },
      headers: { "accept-ranges": fields.join(", ") },
    };
  const { field, after, isDown, max } = wanted;
  function of(item: Item): string | number {
    return (item as Readonly<Record<string, string | number>>)[field] ?? "";
  }
  const sorted = items.toSorted((a, b) => (of(a) < of(b) ? -1 : 1) * (isDown ? -1 : 1));
  const from = after === null ? 0 : sorted.findIndex((item) => String(of(item)) === after) + 1;
  const own = sorted.slice(from, from + max);
  const last = own.at(-1);
  const isMore = last !== undefined && from + max < sorted.length;
  const order = isDown ? "order=desc," : "";
  return {
    status: isMore ? 206 : 200,
    body: own,
    headers: {
      "accept-ranges": fields.join(", "),
      ...(isMore ? { "next-range": `${field} ]${of(last)}..; ${order}max=${max}` } : {}),
    },
  };
}
