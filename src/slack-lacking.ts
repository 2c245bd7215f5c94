/**
 * Servers that speak as Slack does need not have all of its methods. What does not work without one, for the log and for
 * docs/running.md: as the end of a sentence that begins with the method.
 */
export const WITHOUT: Readonly<Record<string, string>> = {
  "chat.postMessage": "no card, thread or digest reaches Slack; each is tried again every few minutes",
  "chat.update": "a card stays as it was posted; what changed is told in its thread",
  "chat.postEphemeral": "mentions, and presses without a response_url to use, are answered by direct message",
  "chat.getPermalink": "a card that is gone is posted again only when it changes",
  "chat.delete": "a stray copy of a card stays until somebody deletes it",
  "views.open": "buttons that ask something open no form; the commands of /day2 help do the same",
  "views.publish": "the Home tab stays empty; /day2 shows the same",
  "users.info": "nobody is known to be a member, so everybody may only read",
  "dnd.teamInfo": "whoever is on call counts as awake, and is asked first",
  "usergroups.users.update": "a rotation's user group stays as it is; mentions of it call whoever it had",
  "conversations.list": "channels that the catalog calls by #name are posted to by that name",
  "conversations.open": "direct messages are sent to the person's id",
  "files.getUploadURLExternal":
    "a picture is not shown, its numbers are told alone; of long output only the last lines",
  "files.completeUploadExternal":
    "a picture is not shown, its numbers are told alone; of long output only the last lines",
};

export function withoutIt(method: string): string {
  return WITHOUT[method] ?? "what asks for it does not work";
}
