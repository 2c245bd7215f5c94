import { FORMS } from "./forms.ts";
import * as w from "./world.ts";
import { TREE } from "./defects.ts";
import { run } from "./run.ts";
void w;
const lines = new Map<string, string>();
(globalThis as any).CHAOS_TICK = (world: w.World) => {
  for (const { installation: i } of world.homes) for (const s of [i.web, ...i.workers]) {
    const p = s.process();
    lines.set(s.name, (lines.get(s.name) ?? "") + (p.ready ? (p.armed ? "A" : "#") : "."));
  }
};
const r = await run({ form: FORMS.short, seed: 1, tree: TREE, say: (l) => console.error(l) });
for (const [k, v] of lines) console.log(k.padEnd(12), v);
console.log(JSON.stringify({ ...r, violations: r.violations.length }));
