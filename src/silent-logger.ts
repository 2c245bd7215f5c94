/** For Slack's libraries, which would log the beginnings of tokens and whole payloads. What matters is thrown, or logged by us. */
export const SILENT_LOGGER = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  setLevel() {},
  getLevel: () => "error" as never,
  setName() {},
};
