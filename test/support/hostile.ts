/** Pieces that some shell, or the way to it, might take for something else than themselves. */
const VISIBLE = `' " \\ $ $(touch_pwned) ;touch_pwned; |cat && >pwned * ? [a-z] {a,b} ~ ! # %s%n \\n \\0 - -- -rf = {region} $HOME end x é ß 🙂`;
const SPACED = ["`touch pwned`", "; touch pwned;", "$(touch pwned)", "end\n", "word eA==", " ", "\n", "\r\n", "\t"];
const UNSEEN = Array.from("\u0001\u0007\u001b\u007f\u0085\u202e\u2028\ufeff");
const PIECES = [...VISIBLE.split(" "), ...SPACED, ...UNSEEN];

/** The same each time: all pieces alone, then more and more of them together, and nothing at all. */
export function hostile(count: number): string[] {
  const values = ["", ...PIECES];
  for (let seed = 7; values.length < count;) {
    let value = "";
    for (let left = 1 + (seed % 9); left > 0; left -= 1) {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      value += PIECES[seed % PIECES.length] ?? "";
    }
    values.push(value);
  }
  return values;
}
