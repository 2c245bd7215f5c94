import { setTimeout as pause } from "node:timers/promises";
import { gather, gatherSoFar } from "./evidence.ts";
import { paced, paceOf, type Form } from "./forms.ts";
import { check, type Violation } from "./invariants.ts";
import { POINTS, RARE } from "./itinerary.ts";
import { keepKilling, watchEndings } from "./kills.ts";
import { windUp, work } from "./people.ts";
import { seeded, type Random } from "./random.ts";
import { resultOf, type Result } from "./result.ts";
import type { Scenario, Use } from "./scenario.ts";
import { SCENARIOS } from "./scenarios.ts";
import type { Site } from "./sites.ts";
import type { Slot } from "./slot.ts";
import { openWorld, type Home, type World } from "./world.ts";

/** One run: a storm in which everything goes wrong, a calm in which everything comes to its end, and the check. */

export type Run = {
  readonly form: Form;
  readonly seed: number;
  /** Root of the tree whose bot runs. */
  readonly tree: string;
  /** ms after which the storm ends, whatever it has brought by then; absent: as the form has it. */
  readonly within?: number;
  /** Which stories are played, and the invariant whose breach they bring out; everything where nothing is broken. */
  readonly broken?: { readonly stories: readonly string[]; readonly breaks: string };
  /** Progress, for whoever waits. */
  say(this: void, line: string): void;
};

export async function run({ form: usual, seed, tree, within = Infinity, broken, say }: Run): Promise<Result> {
  const random = seeded(seed);
  const began = Date.now();
  const world = await openWorld({ tree, random, queues: usual.queues, workers: usual.workers, sites: usual.sites });
  const pace = paceOf(Date.now() - began);
  const slower = paced(usual, pace);
  const form = { ...slower, storm: Math.min(slower.storm, within) };
  say(`${form.queues.length} installations are up; everything takes ${pace.toFixed(1)} times as long as it may`);
  try {
    const played = SCENARIOS.filter(({ name }) => broken?.stories.includes(name) ?? true);
    const early = await storm(world, form, played, { random, pace, say, breaks: broken?.breaks ?? null });
    say(`the storm is over: ${world.history.kills.length} kills, ${world.farSide.effects.length} effects`);
    if (form.name === "defect") return resultOf({ form, seed, began, world, violations: early, evidence: [] });
    await calm(world, form, say);
    say("at rest, or out of time; checking");
    const evidence = await Promise.all(world.homes.map(({ installation }) => gather(world, installation)));
    const violations = evidence.flatMap((each) => check(each, "at rest"));
    return resultOf({ form, seed, began, world, violations, evidence });
  } finally {
    await world.close();
  }
}

/** Everything at once. A defect's storm ends with the first violation; the others' when they brought what they have to. */
async function storm(
  world: World,
  form: Form,
  scenarios: readonly Scenario[],
  { random, pace, say, breaks }: { random: Random; pace: number; say: Run["say"]; breaks: string | null },
): Promise<Violation[]> {
  const [enough, noKills] = [new AbortController(), new AbortController()];
  const stories: Promise<void>[] = [];
  const endless: Promise<void>[] = [];
  for (const [index, home] of world.homes.entries()) {
    const own = random.fork(home.installation.name);
    const { installation } = home;
    const use = { installation, farSide: world.farSide, history: world.history };
    const reserved = new Set<Slot>();
    watchEndings(use);
    for (const [number, scenario] of scenarios.entries()) {
      if (!isPlayed(scenario, installation.queue, index, form.again || form.queues.length === 1 ? index : number % 2))
        continue;
      const telling = tell(world, home, {
        scenario,
        form,
        reserved,
        random: own.fork(scenario.name),
        enough: scenario.endless === true ? noKills.signal : enough.signal,
        pace,
        say,
      });
      (scenario.endless === true || form.again ? endless : stories).push(telling);
    }
    const killing = {
      random: own.fork("kills"),
      every: form.killEvery,
      pace,
      reserved,
    };
    if (form.killEvery > 0) {
      installation.itinerary.begin(form.again ? "on and on" : "one round");
      endless.push(keepKilling(use, killing, noKills.signal));
    }
    const everyday = { every: form.every, troubled: form.troubled, over: noKills.signal };
    endless.push(work({ ...home, farSide: world.farSide, random: own.fork("people"), everyday }, enough.signal));
  }
  const timer = setTimeout(() => enough.abort(), form.storm);
  try {
    return await (breaks !== null
      ? untilBroken(world, breaks, enough.signal)
      : untilBrought(world, form, { enough: enough.signal, noKills, stories, say }));
  } finally {
    clearTimeout(timer);
    enough.abort();
    noKills.abort();
    for (const { installation } of world.homes) installation.itinerary.end();
    await Promise.all([...stories, ...endless]);
  }
}

/** In the short form each story is played in one installation: they take turns. */
function isPlayed(scenario: Scenario, queue: string, index: number, turn: number): boolean {
  if (scenario.queue !== undefined) return scenario.queue === queue;
  if (scenario.once === true) return index === 0;
  return scenario.endless === true || turn === index;
}

const ENDLESS = SCENARIOS.filter(({ endless }) => endless).map(({ name }) => name);

type Bringing = {
  readonly enough: AbortSignal;
  readonly noKills: AbortController;
  readonly stories: readonly Promise<void>[];
  readonly say: Run["say"];
};

/** Until enough were killed, at every point, and every story is over. Kills and the everyday end as soon as there are enough. */
async function untilBrought(world: World, form: Form, { enough, noKills, stories, say }: Bringing): Promise<[]> {
  let told = false;
  void Promise.all(stories).then(() => {
    told = true;
    say("every story is over");
  });
  const { least } = form;
  for (let looks = 1; !enough.aborted; looks += 1) {
    const { kills, faults } = world.history;
    const reached = new Set(kills.flatMap(({ point }) => point ?? []));
    const common = POINTS.filter((point) => !RARE.has(point)).every((point) => reached.has(point));
    const isEverywhere = common && reached.size >= least.points;
    const open = kills.filter(({ intents }) => intents > 0).length;
    const isEnough = kills.length >= least.kills && open >= least.intents * kills.length;
    const isAllAway = ENDLESS.every((name) => faults.some(({ kind }) => kind === name));
    if (isEnough && isEverywhere && isAllAway && !noKills.signal.aborted) {
      noKills.abort();
      for (const { installation } of world.homes) installation.itinerary.end();
      say(`${kills.length} kills are enough`);
    }
    if (isEnough && isEverywhere && isAllAway && told) return [];
    if (looks % 120 === 0) say(`${kills.length} kills, ${open} of them with an open intent`);
    await pause(500, undefined, { signal: enough }).catch(() => undefined);
  }
  return [];
}

type Telling = {
  readonly scenario: Scenario;
  readonly form: Form;
  readonly reserved: Set<Slot>;
  readonly random: Random;
  readonly enough: AbortSignal;
  readonly pace: number;
  readonly say: Run["say"];
};

const TRIES = 3; // to tell a story of which nothing came

/** Plays a story until it came about, in the full form again and again. */
async function tell(world: World, home: Home, telling: Telling): Promise<void> {
  const { scenario, form, reserved, random, enough, pace, say } = telling;
  const { servers, farSide, history } = world;
  let came = 0;
  const use: Use = {
    ...home,
    came(about) {
      came += 1;
      history.faults.push({ at: Date.now(), kind: scenario.name, about });
    },
    servers,
    farSide,
    history,
    random,
    reserved,
    enough,
    pace,
    site: (like) => takeSite(home, like),
  };
  for (let tries = 1; !enough.aborted; tries += 1) {
    await scenario.play(use).catch((error: unknown) => {
      if (!enough.aborted)
        history.faults.push({ at: Date.now(), kind: "story broke", about: `${scenario.name}: ${String(error)}` });
    });
    if (!form.again && (came > 0 || tries >= TRIES))
      return say(`${scenario.name}: ${came > 0 ? "told" : "did not come about"}`);
    await pause(random.between(5_000, 40_000), undefined, { signal: enough }).catch(() => undefined);
  }
}

const turns = new WeakMap<Home, Site[]>();

/** The site of the stories that was used longest ago. */
function takeSite(home: Home, like: (site: Site) => boolean): Site {
  const order = turns.get(home) ?? home.installation.sites.filter(({ story }) => story);
  const site = order.find(like);
  if (site === undefined) throw new Error("there is no such site");
  turns.set(home, [...order.filter((each) => each !== site), site]);
  return site;
}

/** Until the named invariant is broken, or time is up; everything that was broken till then. */
async function untilBroken(world: World, breaks: string, enough: AbortSignal): Promise<Violation[]> {
  let found: Violation[] = [];
  while (!enough.aborted) {
    await pause(1_000, undefined, { signal: enough }).catch(() => undefined);
    const evidence = await Promise.all(world.homes.map(({ installation }) => gatherSoFar(world, installation)));
    found = evidence.flatMap((each) => check(each, "at any time"));
    if (found.some(({ invariant }) => invariant === breaks)) break;
  }
  return found;
}

/**
 * Nothing goes wrong any more: processes live, people answer what waits for them, until everything is at rest. Slack takes
 * about a card a second, so it may take as long as it likes, but not stand still.
 */
async function calm(world: World, form: Form, say: Run["say"]): Promise<void> {
  for (const { installation } of world.homes)
    for (const slot of [installation.web, ...installation.workers]) {
      slot.cont();
      if (slot.process().armed !== null) slot.kill(); // else it would end itself some time later
    }
  let nearest = { left: Infinity, at: Date.now() };
  for (let round = 0; ; round += 1) {
    const open = await Promise.all(world.homes.map(stillOpen));
    const left = open.reduce((sum, { count }) => sum + count, 0);
    if (left < nearest.left) nearest = { left, at: Date.now() };
    if (left === 0 || Date.now() > nearest.at + form.calm) return;
    if (round % SAID === 0) say(`coming to rest: ${open.map(({ words }) => words).join("; ")}`);
    for (const home of world.homes) await windUp(home);
    await pause(1_000);
  }
}

const SAID = 10; // rounds

/** What an installation still has to do: how much, and in words. */
async function stillOpen({ installation }: Home): Promise<{ count: number; words: string }> {
  try {
    const { rows } = await installation.db.query<{ what: string; count: number }>(
      `select * from (values
         ('cards to bring up to date', (select count(*)::int from postings where shown < wanted)),
         ('jobs to add', (select count(*)::int from outbox)),
         ('events to seal', (select count(*)::int from events_to_seal)),
         ('requests to handle', (select count(*)::int from inbox where handled_at is null and body is not null and attempts < 3)),
         ('operations', (select count(*)::int from operations where finished_at is null))
       ) as open (what, count) where count > 0`,
    );
    const words = rows.map(({ what, count }) => `${count} ${what}`).join(", ");
    return { count: rows.reduce((sum, { count }) => sum + count, 0), words: words === "" ? "nothing" : words };
  } catch {
    return { count: Infinity, words: "its database does not answer" };
  }
}
