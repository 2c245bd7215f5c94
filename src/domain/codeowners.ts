/** A CODEOWNERS file, as far as it says who answers for what runs: by a folder of the same name. */

export type Codeowners = readonly { readonly parts: readonly string[]; readonly owners: readonly string[] }[];

/** One rule a line: a pattern, then its owners. What is behind a `#` is for people. */
export function readCodeowners(text: string): Codeowners {
  return text.split(/\r?\n/).flatMap((line) => {
    const [pattern, ...owners] = line
      .replace(/(^|\s)#.*$/, "")
      .trim()
      .split(/\s+/);
    return pattern === undefined || pattern === "" ? [] : [{ parts: pattern.split("/"), owners }];
  });
}

/** The owners in the last rule whose pattern has a folder or file of that name; the rule counts even if it names nobody. */
export function codeownersOf(rules: Codeowners, name: string): readonly string[] {
  return rules.findLast(({ parts }) => parts.includes(name))?.owners ?? [];
}
