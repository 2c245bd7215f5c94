// A scanner for marks inside a line. A dialect is a list of rules; the first that matches at a place wins.

/**
 * @typedef {object} Rule
 * @property {RegExp} at sticky pattern of the whole mark
 * @property {boolean} [wordStart] only where no letter or digit stands before
 * @property {(match: RegExpExecArray, inner: (text: string) => (Node | string)[]) => Node | string} draw
 */

/**
 * @param {string} text @param {Rule[]} rules @param {(text: string) => string} plain how unmarked text is written out
 * @returns {(Node | string)[]}
 */
export function drawInline(text, rules, plain) {
  const out = [];
  let from = 0;
  let at = 0;
  while (at < text.length) {
    const hit = matchAt(text, at, rules);
    if (!hit) {
      at += 1;
      continue;
    }
    if (at > from) out.push(plain(text.slice(from, at)));
    out.push(hit.rule.draw(hit.match, (inner) => drawInline(inner, rules, plain)));
    at += hit.match[0].length;
    from = at;
  }
  if (from < text.length) out.push(plain(text.slice(from)));
  return out;
}

const WORD = /[\p{L}\p{N}]/u;

function matchAt(text, at, rules) {
  const insideWord = at > 0 && WORD.test(text[at - 1]);
  for (const rule of rules) {
    if (rule.wordStart && insideWord) continue;
    rule.at.lastIndex = at;
    const match = rule.at.exec(text);
    if (match) return { rule, match };
  }
  return null;
}
