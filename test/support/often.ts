/**
 * How often to try what is drawn at random: as often as is said where everything must hold (CI), else a tenth of that. The
 * draws are the same in each run, and what each of them is for shows long before.
 */
export function often(times: number): number {
  return process.env["CI"] === undefined ? times / 10 : times;
}
