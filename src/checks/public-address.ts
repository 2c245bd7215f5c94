import { isIP } from "node:net";
import ipaddr from "ipaddr.js";

/** Which addresses anybody on the internet could reach just as well as we do. */

const EVERYBODYS = ipaddr.parseCIDR("2000::/3");
const TRANSLATED = ipaddr.parseCIDR("64:ff9b::/96");
/** Looks public, and is what Azure's machines find their own secrets at. */
const INSIDE: ReadonlySet<string> = new Set(["168.63.129.16"]);

/** Whether an IP address is a public unicast one; an IPv4 address inside an IPv6 one is judged as what it is. */
export function isPublic(address: string): boolean {
  if (isIP(address) === 0) return false;
  const parsed = ipaddr.parse(address);
  const meant = parsed instanceof ipaddr.IPv6 ? unwrapped(parsed) : parsed;
  if (meant.range() !== "unicast" || INSIDE.has(meant.toString())) return false;
  // Outside of what has been given out, ranges that no list has yet count as unicast.
  return meant instanceof ipaddr.IPv4 || meant.match(EVERYBODYS);
}

function unwrapped(address: ipaddr.IPv6): ipaddr.IPv4 | ipaddr.IPv6 {
  if (address.isIPv4MappedAddress()) return address.toIPv4Address();
  return address.match(TRANSLATED) ? new ipaddr.IPv4(address.toByteArray().slice(12)) : address;
}
