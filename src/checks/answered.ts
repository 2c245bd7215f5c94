import { Unavailable } from "../errors.ts";

/** What a filesystem says of a path. One on a server that is gone never answers, and cannot be called off. @throws Unavailable */
export async function answered<T>(ask: () => Promise<T>, path: string, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const silence = Promise.withResolvers<never>();
  function stop(): void {
    silence.reject(new Unavailable(`The filesystem of ${path} does not answer.`, { cause: signal.reason }));
  }
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([ask(), silence.promise]);
  } catch (error) {
    if (error instanceof Unavailable) throw error;
    throw new Unavailable(`The filesystem of ${path} cannot be read.`, { cause: error });
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
