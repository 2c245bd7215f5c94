/** For Slack's libraries, which would log tokens' prefixes and whole payloads: what matters is thrown, or logged by us. */
export const QUIET = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  setLevel() {},
  getLevel: () => "error" as never,
  setName() {},
};
