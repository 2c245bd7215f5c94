import { expect, test } from "vitest";
import { readCatalog } from "../src/catalog.ts";
import { examineOnCall } from "../src/cli/doctor/on-call.ts";
import { readConfig } from "../src/config.ts";
import { MANIFEST, openSlack } from "./support/slack.ts";

/** What `daytwo doctor` says of who is on call. */

const WAKE = "{ pagerduty: { routing_key: { env: NO_SUCH_KEY } } }";
const CATALOG = `
people: { ana: { name: Ana, slack: U0ANA }, ben: { name: Ben, slack: U0BEN, wake: ${WAKE} } }
rotations: { web: { name: Web, members: [ana], slack_group: S0WEB }, db: { name: Databases, members: [ana, ben] } }
services: { shop: { owner: rotation-web } }
`;

test("rotations that can wake nobody are named, wakes that cannot be used, and groups that cannot follow", async () => {
  const bot = MANIFEST.oauth_config?.scopes?.bot ?? [];
  await using slack = await openSlack({ manifest: { ...MANIFEST, oauth_config: { scopes: { bot } } } });
  const config = readConfig({
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_APP_TOKEN: slack.appToken,
    SLACK_API_URL: slack.apiUrl,
  });
  const read = readCatalog(CATALOG, { checks: [], providers: [] });
  const findings = await examineOnCall({ config, catalog: "catalog" in read ? read.catalog : null });
  expect(findings.map(({ verdict, sentence }) => `${verdict}: ${sentence}`)).toEqual([
    "doubtful: The rotation Web can wake nobody: critical items reach its people in Slack alone.",
    "doubtful: On call of Databases, Ana cannot be woken.",
    expect.stringMatching(/^ill: The wake of people\.ben \(PagerDuty\) cannot be used: .*NO_SUCH_KEY is not set\.$/),
    "doubtful: The user groups of Web cannot follow who is on call: the token lacks usergroups:write.",
  ]);
});
