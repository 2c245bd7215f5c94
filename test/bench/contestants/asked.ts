import { createInterface } from "node:readline";

/** The other end of `Contestant.ask`: does what each line asks for, one after another, and answers. */
export function whenAsked(work: (line: string) => Promise<object>): void {
  createInterface({ input: process.stdin }).on("line", (line) => {
    void work(line).then((answer) => process.stdout.write(`done ${JSON.stringify(answer)}\n`));
  });
  process.stdout.write("ready on 0\n");
}
