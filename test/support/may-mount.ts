import { execFileSync } from "node:child_process";

/** Whether small file systems of their own can be made here, which are full for real. */
export const mayMount = canMount();

function canMount(): boolean {
  const spot = execFileSync("mktemp", ["-d"], { encoding: "utf8" }).trim();
  try {
    execFileSync("mount", ["-t", "tmpfs", "none", spot], { stdio: "ignore" });
    execFileSync("umount", [spot]);
    return true;
  } catch {
    return false;
  } finally {
    execFileSync("rmdir", [spot]);
  }
}
