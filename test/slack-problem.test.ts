import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { openSlackClient, translated } from "../src/slack-client.ts";
import { slackProblem } from "../src/slack-problem.ts";
import { openOtherSlack, TOKENS, type Reply } from "./support/other-slack.ts";

/** Whoever starts the bot is told what came in place of Slack's answer, and what to do. */

function refusal(error: string): Reply {
  return { body: JSON.stringify({ ok: false, error }), type: "application/json" };
}
const page = { body: "<html>busy</html>", type: "text/html" };

test.each<[string, Reply, RegExp]>([
  [
    "a token of nobody's",
    refusal("invalid_auth"),
    /^Slack does not accept the bot token \(invalid_auth\)\.\nCopy the /,
  ],
  ["an app that was uninstalled", refusal("account_inactive"), /\(account_inactive\)\.\nThe app was uninstalled/],
  ["a token that expires", refusal("token_expired"), /\(token_expired\)\.\n.* without token rotation\.$/],
  ["a word that we do not know", refusal("out_of_luck"), /\(out_of_luck\)\.\nCopy the /],
  ["a failure of Slack's", refusal("internal_error"), /^Slack is in trouble: it answers internal_error\.\nTry again/],
  ["a 503", { ...page, status: 503 }, /^Slack is in trouble: it answers status 503\.\nTry again in a minute/],
  ["a login page", page, /^What answers in Slack's place is not Slack: a page, .*\n.* no proxy or login page/],
  ["a 403", { ...page, status: 403 }, /^What answers in Slack's place is not Slack: status 403\.\n/],
  ["a 404", { ...page, status: 404 }, /^What answers in Slack's place is not Slack: it does not know the Web API\.\n/],
  ["a redirect", { body: "", status: 301, location: "https://x.example" }, /not Slack: it sends us to another address/],
  ["a 429", { body: "", status: 429 }, /^Slack asks to be left alone for 10 s\.\nStart again after that/],
])("%s", async (_name, reply, said) => {
  const slack = await openOtherSlack();
  onTestFinished(() => slack.close());
  slack.answersWith("auth.test", reply);
  expect(await tells(slack.apiUrl)).toMatch(said);
});

test("a proxy that wants a login", () => {
  const cause = new TypeError("fetch failed", {
    cause: new Error("Proxy response (407) !== 200 when HTTP Tunneling"),
  });
  expect(slackProblem(translated("auth.test", cause), "bot")).toMatchObject({
    sentence: "The proxy on the way to Slack lets nothing through (status 407).",
    hint: expect.stringContaining("http://user:password@host:port"),
  });
});

test("nobody there, and nobody who answers", async () => {
  const slack = await openOtherSlack();
  await slack.close();
  expect(await tells(slack.apiUrl)).toMatch(/^Slack does not answer: connection refused\.\nCheck the network/);
  const silent = createServer().listen(0, "127.0.0.1");
  await once(silent, "listening");
  onTestFinished(() => void silent.close());
  const { port } = silent.address() as AddressInfo;
  expect(await tells(`http://127.0.0.1:${port}/`)).toMatch(/^Slack does not answer: no answer in time\.\n/);
});

async function tells(apiUrl: string): Promise<string> {
  const client = openSlackClient({ token: TOKENS.bot, apiUrl, timeout: 500 });
  const error: unknown = await client.call("auth.test", {}).catch((thrown: unknown) => thrown);
  const { sentence, hint } = slackProblem(error, "bot");
  return `${sentence}\n${hint}`;
}
