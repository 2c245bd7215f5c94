/** What each tool sends, as its documentation shows it. */

export function alertmanager(status: string): object {
  return {
    version: "4",
    groupKey: '{}:{alertname="Slow"}',
    truncatedAlerts: 0,
    status,
    receiver: "daytwo",
    groupLabels: { alertname: "Slow" },
    commonLabels: {},
    commonAnnotations: {},
    externalURL: "https://am.example.com",
    alerts: [
      {
        status,
        labels: { alertname: "Slow", severity: "critical", service: "shop", instance: "web-1" },
        annotations: { summary: "shop is slow", description: "p99 is 4.2 s" },
        startsAt: "2026-11-30T01:52:26.739266876+02:00",
        endsAt: status === "firing" ? "0001-01-01T00:00:00Z" : "2026-11-30T00:10:00Z",
        generatorURL: "https://prom.example.com/graph?g0.expr=up",
        fingerprint: "b0a3c1",
      },
    ],
  };
}

export function sns(alarm: object): object {
  return {
    Type: "Notification",
    MessageId: "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
    TopicArn: "arn:aws:sns:eu-west-1:123456789012:alarms",
    Subject: 'ALARM: "shop-cpu" in EU (Ireland)',
    Message: JSON.stringify(alarm),
    Timestamp: "2026-11-30T00:00:00.000Z",
    SignatureVersion: "2",
    Signature: "c2lnbmF0dXJl",
    SigningCertURL: "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem",
    UnsubscribeURL: "https://sns.eu-west-1.amazonaws.com/?Action=Unsubscribe",
  };
}

export function alarm(NewStateValue: string): object {
  return {
    AlarmName: "shop-cpu",
    AlarmDescription: "CPU of the shop is above 90 %",
    AWSAccountId: "123456789012",
    NewStateValue,
    NewStateReason: "Threshold Crossed: 1 datapoint (95.1) was greater than the threshold (90.0).",
    StateChangeTime: "2026-11-30T00:00:00.236+0000",
    Region: "EU (Ireland)",
    AlarmArn: "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:shop-cpu",
    OldStateValue: "OK",
    Trigger: {
      MetricName: "CPUUtilization",
      Namespace: "AWS/EC2",
      Dimensions: [{ value: "i-0abc", name: "InstanceId" }],
      Threshold: 90,
    },
  };
}

export function incident(state: string): object {
  return {
    version: "1.2",
    incident: {
      incident_id: "0.lsnwib31sglo",
      scoping_project_id: "acme-prod",
      url: "https://console.cloud.google.com/monitoring/alerting/incidents/0.lsnwib31sglo",
      started_at: 1_796_000_000,
      ended_at: null,
      state,
      summary: "CPU of web is above 0.9 with a value of 0.97.",
      resource: { type: "gce_instance", labels: { instance_id: "1234", zone: "europe-west1-b" } },
      resource_name: "acme web",
      policy_name: "CPU",
      condition_name: "CPU above 90 %",
      severity: "Critical",
      policy_user_labels: { service: "shop" },
      documentation: { content: "See the **runbook**.", mime_type: "text/markdown" },
    },
  };
}

export function datadog(transition: string): object {
  return {
    title: `[${transition}] [P1] Disk is full on web-1`,
    alert_id: "1234",
    transition,
    alert_title: "Disk is full",
    priority: "P1",
    scope: "host:web-1",
    tags: "service:shop,env:prod",
    link: "https://app.datadoghq.com/monitors/1234",
    message: "95 % of /dev/sda1 is used",
  };
}

export function metricAlert(action: string): object {
  return {
    action,
    installation: { uuid: "7a485448-a9e2-4c85-8a3c-4f44175783c9" },
    data: {
      metric_alert: {
        id: "23",
        title: "Critical: Too many errors",
        date_started: "2026-11-30T00:00:00Z",
        projects: ["shop"],
        alert_rule: { id: "7", name: "Too many errors", environment: "prod" },
      },
      description_text: "1000 events in the last 10 minutes",
      description_title: "Critical: Too many errors",
      web_url: "https://sentry.io/organizations/acme/alerts/23/",
    },
    actor: { type: "application", id: "sentry", name: "Sentry" },
  };
}

export function kuma(status: number): object {
  return {
    heartbeat: {
      monitorID: 29,
      status,
      time: "2026-11-30 00:00:00.527",
      msg: "getaddrinfo ENOTFOUND",
      important: true,
    },
    monitor: {
      id: 29,
      name: "Shop",
      url: "https://shop.example.com",
      hostname: null,
      type: "http",
      tags: [{ tag_id: 1, name: "service", value: "shop" }],
    },
    msg: "[Shop] [🔴 Down] getaddrinfo ENOTFOUND",
  };
}

export function dyno(state: string): object {
  return {
    id: "7a0b",
    created_at: "2026-11-30T00:00:00Z",
    resource: "dyno",
    action: "update",
    actor: { email: "dyno-app-lifecycle@heroku.com" },
    data: { name: "web.1", state, type: "web", exit_status: 137, app: { id: "1", name: "shop" } },
    webhook_metadata: { event: { include: "dyno" } },
    version: "application/vnd.heroku+json; version=3",
  };
}
