// Who and what has which name here: filled from boot, read by everything that shows a mention.

let boot = null;
let people = new Map();
let channels = new Map();
let skew = 0;

/** @param {any} answer of GET /client/boot */
export function fillDirectory(answer) {
  boot = answer;
  people = new Map(answer.people.map((person) => [person.id, person]));
  channels = new Map(answer.channels.map((channel) => [channel.id, channel]));
  if (answer.now !== undefined) skew = new Date(answer.now).getTime() - Date.now();
}

/** The workspace as boot told it: team, me, people, channels, dms, bot, commands, shortcuts, buttons. */
export function workspace() {
  return boot;
}

/** The workspace's clock in milliseconds; tests may have moved it. */
export function workspaceNow() {
  return Date.now() + skew;
}

export function person(id) {
  return people.get(id) ?? null;
}

/** The name to show for a user id; the id itself for somebody unknown. */
export function userName(id) {
  const known = people.get(id);
  return known ? known.real_name || known.name : id;
}

/** The name of the one app that is installed here. */
export function appName() {
  return userName(boot.bot.user_id);
}

/** Everybody who is a person: no app, no Slackbot. */
export function humans() {
  return boot.people.filter(({ is_bot }) => !is_bot);
}

export function channel(id) {
  return channels.get(id) ?? null;
}

export function channelName(id) {
  return channels.get(id)?.name ?? id;
}

export function groupName(id) {
  return boot.user_groups.find((group) => group.id === id)?.handle ?? id;
}

/** The conversation with this id as { id, kind, title, with? }, whether it is a channel or a direct message. */
export function conversation(id) {
  const open = channels.get(id);
  if (open) return { id, kind: "channel", title: open.name, topic: open.topic ?? "" };
  const direct = boot.dms.find((dm) => dm.id === id);
  return direct ? { id, kind: "dm", title: userName(direct.user), topic: "", with: direct.user } : null;
}

/** All conversations in the order of the sidebar. */
export function conversations() {
  return [...boot.channels, ...boot.dms].map(({ id }) => conversation(id));
}
