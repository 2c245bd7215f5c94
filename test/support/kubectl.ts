import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { whyWithout } from "./real-programs.ts";

/** The command line of Kubernetes itself, as whoever runs the tests has it. */

export const whyNoKubectl = whyWithout("kubectl");

export type Kubectl = {
  /** What it writes. Rejects with what it complains of. */
  run(...args: readonly string[]): Promise<string>;
  /** The same of one that goes on: its lines as they come, until somebody has heard enough. */
  lines(...args: readonly string[]): AsyncGenerator<string>;
};

export function kubectlWith(kubeconfig: string, home: string): Kubectl {
  const env = { PATH: process.env["PATH"], HOME: home, KUBECONFIG: kubeconfig };
  return {
    async run(...args) {
      return (await promisify(execFile)("kubectl", args, { env, timeout: 60_000 })).stdout;
    },
    async *lines(...args) {
      const child = spawn("kubectl", args, { env, stdio: ["ignore", "pipe", "inherit"] });
      try {
        for await (const line of createInterface({ input: child.stdout })) yield line;
      } finally {
        child.kill();
        if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
      }
    },
  };
}
