// The shortcodes that Daytwo and its people use. An unknown one is shown as it was written, as Slack does.

const EMOJI = {
  "+1": "👍", "-1": "👎", alarm_clock: "⏰", ambulance: "🚑", arrow_down: "⬇️", arrow_right: "➡️", arrow_up: "⬆️",
  arrows_counterclockwise: "🔄", bar_chart: "📊", bell: "🔔", black_circle: "⚫", books: "📚", broom: "🧹", bug: "🐛", bulb: "💡",
  calendar: "📆", chart_with_downwards_trend: "📉", chart_with_upwards_trend: "📈", clap: "👏", clipboard: "📋",
  closed_lock_with_key: "🔐", cloud: "☁️", construction: "🚧", eyes: "👀", file_folder: "📁", fire: "🔥", fire_engine: "🚒",
  floppy_disk: "💾", gear: "⚙️", ghost: "👻", green_heart: "💚", hammer_and_wrench: "🛠️", heart: "❤️", heavy_check_mark: "✔️",
  hourglass: "⌛", hourglass_flowing_sand: "⏳", inbox_tray: "📥", information_source: "ℹ️", key: "🔑",
  large_blue_circle: "🔵", large_green_circle: "🟢", large_orange_circle: "🟠", large_yellow_circle: "🟡", link: "🔗", lock: "🔒",
  mag: "🔍", mega: "📣", memo: "📝", new: "🆕", no_bell: "🔕", no_entry: "⛔", no_entry_sign: "🚫", ok_hand: "👌", package: "📦",
  pager: "📟", paperclip: "📎", phone: "☎️", point_right: "👉", pray: "🙏", purple_circle: "🟣", question: "❓", raised_hands: "🙌",
  recycle: "♻️", red_circle: "🔴", repeat: "🔁", robot_face: "🤖", rocket: "🚀", rotating_light: "🚨", scroll: "📜", shield: "🛡️",
  sleeping: "😴", slightly_smiling_face: "🙂", smile: "😄", sos: "🆘", sparkles: "✨", speech_balloon: "💬", star: "⭐",
  stopwatch: "⏱️", sunrise: "🌅", tada: "🎉", thinking_face: "🤔", thumbsup: "👍", thumbsdown: "👎", ticket: "🎫", traffic_light: "🚦",
  warning: "⚠️", wave: "👋", white_check_mark: "✅", white_circle: "⚪", wrench: "🔧", x: "❌", zap: "⚡", zzz: "💤",
};

/** @param {string} name without colons @returns {string} */
export function emoji(name) {
  return EMOJI[name] ?? `:${name}:`;
}

/** Replaces every known :shortcode: of a plain text. */
export function withEmoji(text) {
  return text.replace(/:([a-z0-9_+-]+):/g, (whole, name) => EMOJI[name] ?? whole);
}

/** Whether a text is nothing but a few emoji, which Slack shows larger. */
export function isJumbo(text) {
  const bare = withEmoji(text).trim();
  return /^(?:\p{Extended_Pictographic}[\u{FE0F}\u{200D}]*\s*){1,6}$/u.test(bare);
}
