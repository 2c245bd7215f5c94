import { signed } from "../support/signed.ts";
import { SECRET } from "./contestant.ts";

/** Commands as Slack sends them, each with a trigger of its own. */
export function command(port: number, run: string, text: string): (n: number) => Buffer {
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
      response_url: `http://127.0.0.1:9/respond/${run}.${n}`,
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
