/** Which known word somebody most likely meant. */

/**
 * The candidate closest to a mistyped word: a slip in about every third letter is forgiven, and so is an unfinished
 * word that only one candidate continues. Undefined when nothing is near enough to be worth suggesting.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const typed = word.toLowerCase().slice(0, 64);
  if (typed.length === 0) return undefined;
  const known = [...new Set(candidates)];
  const allowed = Math.max(1, Math.floor(typed.length / 3));
  let best: { candidate: string; distance: number } | undefined;
  for (const candidate of known) {
    if (Math.abs(candidate.length - typed.length) > allowed) continue;
    const away = distance(typed, candidate.toLowerCase());
    if (away <= allowed && away < typed.length && (best === undefined || away < best.distance)) {
      best = { candidate, distance: away };
    }
  }
  return best?.candidate ?? onlyContinuation(typed, known);
}

function onlyContinuation(typed: string, known: readonly string[]): string | undefined {
  if (typed.length < 3) return undefined;
  const continuing = known.filter((candidate) => candidate.toLowerCase().startsWith(typed));
  return continuing.length === 1 ? continuing[0] : undefined;
}

/** Damerau-Levenshtein (optimal string alignment): letters added, left out, replaced, or two neighbours swapped. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1];
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      current[column] = Math.min(
        at(previous, column) + 1,
        at(current, column - 1) + 1,
        at(previous, column - 1) + (same ? 0 : 1),
        swapped ? at(before, column - 2) + 1 : Infinity,
      );
    }
    before = previous;
    previous = current;
  }
  return at(previous, b.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Infinity;
}
