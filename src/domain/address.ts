import { Invalid } from "../errors.ts";

/** Reads the address that somebody wants watched, in its one spelling. */

const LONGEST = 500;
const SAMPLE = "https://shop.example.com";

type Rule = {
  readonly broken: (url: URL, typed: string) => boolean;
  readonly says: (url: URL) => readonly [message: string, hint: string];
};

/** The first rule that is broken is told. What was typed is never repeated where it may hold a password. */
const RULES: readonly Rule[] = [
  {
    broken: ({ protocol }) => protocol !== "https:" && protocol !== "http:",
    says: ({ protocol }) => [
      `Addresses that begin with ${protocol} cannot be watched this way.`,
      `Write one that begins with https:// or http://, such as \`${SAMPLE}\`.`,
    ],
  },
  {
    broken: ({ username, password }) => username + password !== "",
    says: () => [
      "There is a user name or a password in that address, and what is typed here is kept.",
      "In `daytwo.yaml` the check `http` takes it under `headers:`, as a reference to where it is kept.",
    ],
  },
  {
    broken: (_url, typed) => /[^\x20-\x7e]/.test(hostIn(typed)),
    says: ({ origin }) => [
      "That name has letters beyond a to z, which can look like others.",
      `Write it as the name service has it, if that is what you mean: \`${origin}\`.`,
    ],
  },
  {
    broken: ({ hostname }) => !hostname.startsWith("[") && (!PUBLIC_NAME.test(hostname) || INSIDE.test(hostname)),
    says: ({ hostname }) => [
      `\`${hostname}\` is not a public name, and here only public addresses can be added.`,
      "`daytwo.yaml` may name any address.",
    ],
  },
];

const PUBLIC_NAME = /^([a-z0-9_-]+\.)+[a-z0-9-]+$/;
/** Names that no public name service has. */
const INSIDE = /\.(local|localhost|internal|intranet|lan|home|corp|private|invalid|test|onion|home\.arpa)$/;

/** @throws Invalid with what would be right */
export function readAddress(typed: string): URL {
  if (typed === "") throw new Invalid("Which address?", { hint: `Write it whole, such as \`${SAMPLE}\`.` });
  if (typed.length > LONGEST)
    throw new Invalid(`That address is ${typed.length} characters long; ${LONGEST} at most.`, {
      hint: "A shorter one of the same service tells as much.",
    });
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(typed)) throw withoutScheme(typed);
  const url = URL.parse(typed);
  if (url === null || url.hostname === "")
    throw new Invalid("That cannot be read as an address.", { hint: `Write it like \`${SAMPLE}\`.` });
  url.hash = "";
  url.hostname = url.hostname.replace(/\.$/, "");
  const rule = RULES.find(({ broken }) => broken(url, typed));
  if (rule === undefined) return URL.parse(url.href.replaceAll("`", "%60")) ?? url;
  const [message, hint] = rule.says(url);
  throw new Invalid(message, { hint });
}

function withoutScheme(typed: string): Invalid {
  const whole = URL.parse(`https://${typed}`);
  const isName = whole !== null && /^[a-z0-9.-]+\.[a-z0-9-]+$/.test(whole.hostname) && whole.username === "";
  return new Invalid("An address begins with https:// or http://.", {
    hint: isName ? `Did you mean \`https://${whole.host}\`?` : `Write it like \`${SAMPLE}\`.`,
  });
}

/** Between the scheme and the path, as it was typed. */
function hostIn(typed: string): string {
  return /^[^/]*\/\/([^/?#]*)/.exec(typed)?.[1] ?? "";
}
