const SOON = 10; // ms until the second look
const SELDOM = 50; // ms between two looks at what takes longer: each costs time that what is waited for needs

/** The pauses between looks at something that is waited for, each half as long again as the one before. */
export function pauses(): () => Promise<void> {
  let ms = SOON;
  return async () => {
    await new Promise((resolve) => setTimeout(resolve, ms));
    ms = Math.min(ms * 1.5, SELDOM);
  };
}

/** Waits for a condition; fails with what was waited for. */
export async function until(
  what: string | (() => string),
  holds: () => Promise<boolean> | boolean,
  deadline = 45_000,
): Promise<void> {
  const end = Date.now() + deadline;
  const pause = pauses();
  while (!(await holds())) {
    if (Date.now() > end)
      throw new Error(`waited ${deadline / 1000} s in vain for ${typeof what === "string" ? what : what()}`);
    await pause();
  }
}
