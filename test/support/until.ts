/** Waits for a condition, asking again every 20 ms; fails with what was waited for. */
export async function until(
  what: string | (() => string),
  holds: () => Promise<boolean> | boolean,
  deadline = 45_000,
): Promise<void> {
  const end = Date.now() + deadline;
  while (!(await holds())) {
    if (Date.now() > end)
      throw new Error(`waited ${deadline / 1000} s in vain for ${typeof what === "string" ? what : what()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
