import { signed } from "../support/signed.ts";
import type { Slack } from "../support/slack.ts";
import { SECRET } from "./contestant.ts";

/** An address at which a command can be answered. */
export type Answers = () => string;

const ADDRESSES = 20_000; // each takes five answers

/** For at most as many commands as the workspace takes answers. */
export async function answersIn(slack: Slack): Promise<Answers> {
  const urls = await slack.responseUrls("U0ANA", "C0OPS", ADDRESSES);
  let asked = 0;
  return () => urls[(asked += 1) % ADDRESSES] ?? "";
}

/** For those who answer nothing. */
export function nowhere(): string {
  return "http://127.0.0.1:9/response/R0123456789AB";
}

/** Commands as Slack sends them, each with a trigger of its own. */
export function command(port: number, run: string, text: string, answers: Answers): (n: number) => Buffer {
  return (n) => {
    const body = new URLSearchParams({
      token: "verification",
      team_id: "T0LOCAL",
      team_domain: "acme",
      channel_id: "C0OPS",
      channel_name: "ops",
      user_id: "U0ANA",
      user_name: "ana",
      command: "/day2",
      text,
      api_app_id: "A0BENCH",
      is_enterprise_install: "false",
      response_url: answers(),
      trigger_id: `${run}.${n}.0123456789abcdef`,
    }).toString();
    const { "x-slack-request-timestamp": timestamp, "x-slack-signature": signature } = signed(SECRET, body, new Date());
    return Buffer.from(
      [
        "POST /slack/events HTTP/1.1",
        `host: 127.0.0.1:${port}`,
        "content-type: application/x-www-form-urlencoded",
        `content-length: ${body.length}`,
        `x-slack-request-timestamp: ${timestamp}`,
        `x-slack-signature: ${signature}`,
        "",
        body,
      ].join("\r\n"),
    );
  };
}
