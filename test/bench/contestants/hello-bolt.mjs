import { App } from "@slack/bolt";

/**
 * The peer: hello-world Bolt as its documentation has it, which acknowledges a command and does nothing else. In JavaScript,
 * as one deploys it: Node's dropping of types would cost it 15 MB and 50 ms that are not Bolt's.
 */
const app = new App({
  token: "xoxb-bench",
  signingSecret: "bench-signing-secret",
  botId: "B0BENCH",
  botUserId: "U0BENCH",
  tokenVerificationEnabled: false,
});
app.command("/day2", async ({ ack }) => ack());
const server = await app.start({ port: 0, host: "127.0.0.1" });
process.stdout.write(`ready on ${server.address().port}\n`);
