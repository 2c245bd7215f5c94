/** "nginx, worker, cron and 4 more": the first of many, so that a sentence stays one. */
export function some(words: readonly string[], most = 3): string {
  return `${words.slice(0, most).join(", ")}${words.length > most ? ` and ${words.length - most} more` : ""}`;
}
