import { readConfig } from "../config.ts";
import { Invalid } from "../errors.ts";
import { examineAll } from "./doctor/examinations.ts";
import { exitCode, report } from "./doctor/report.ts";

/** `daytwo doctor`: what works and what does not, line by line. It changes nothing; exit 0 when nothing is ❌. */
export async function doctor(args: readonly string[]): Promise<number> {
  if (args.length > 0) throw new Invalid("`daytwo doctor` takes nothing more: it reads the settings and `.env`.");
  const sections = await examineAll(readConfig(process.env), { now: () => new Date().getTime() });
  process.stdout.write(report(sections));
  return exitCode(sections);
}
