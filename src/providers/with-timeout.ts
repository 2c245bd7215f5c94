import { Unavailable } from "../errors.ts";

/** Work that cannot be called off: a program that hands out tokens may wait for somebody at a browser. @throws Unavailable */
export async function withTimeout<Result>(
  work: Promise<Result>,
  { what, signal }: { readonly what: string; readonly signal: AbortSignal },
): Promise<Result> {
  const late = Promise.withResolvers<never>();
  function end(): void {
    late.reject(new Unavailable(`${what} were not had in time.`));
  }
  if (signal.aborted) end();
  signal.addEventListener("abort", end, { once: true });
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    signal.removeEventListener("abort", end);
  }
}
