import type { App } from "../app.ts";
import { isLacking, SlackRefused, SlackSilent } from "../slack-client.ts";
import { fileOf, keepFile } from "../store/files.ts";

/**
 * The id of the file that an event's message shows. It is uploaded once, and kept before anybody sees it, so whoever
 * tries the message again brings the same file. Null where Slack takes no file or gives no answer: the message does not
 * wait for it.
 */
export async function uploadOnce(app: App, event: number, upload: () => Promise<string>): Promise<string | null> {
  const known = await fileOf(app.db, event);
  if (known !== null) return known;
  try {
    const file = await upload();
    await keepFile(app.db, event, file);
    return file;
  } catch (error) {
    if (!(error instanceof SlackRefused || error instanceof SlackSilent)) throw error;
    if (!isLacking(error)) app.log.warn({ err: error, event }, "slack takes no file, its message goes without it");
    return null;
  }
}
