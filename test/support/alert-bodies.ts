import type { AlertFormat } from "../../src/domain/alert.ts";

/** For each format a body as its tool sends it, one that says that it is over, and what is to be read of the first. */

export type Example = {
  readonly firing: unknown;
  readonly resolved: unknown;
  readonly read: {
    readonly name: string;
    readonly severity: "warning" | "critical";
    readonly state?: "told";
    readonly summary: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly link: string | null;
  };
};

function alertmanager(status: string): object {
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

function sns(alarm: object): object {
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

function alarm(NewStateValue: string): object {
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

function incident(state: string): object {
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

function datadog(transition: string): object {
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

function metricAlert(action: string): object {
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

function kuma(status: number): object {
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

function dyno(state: string): object {
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

export const EXAMPLES: Readonly<Record<AlertFormat, Example>> = {
  alertmanager: {
    firing: alertmanager("firing"),
    resolved: alertmanager("resolved"),
    read: {
      name: "Slow",
      severity: "critical",
      summary: "shop is slow",
      labels: { alertname: "Slow", severity: "critical", service: "shop", instance: "web-1" },
      link: "https://prom.example.com/graph?g0.expr=up",
    },
  },
  grafana: {
    firing: {
      ...alertmanager("firing"),
      orgId: 1,
      title: "[FIRING:1] Slow",
      alerts: [
        {
          status: "firing",
          labels: { alertname: "Slow", grafana_folder: "shop" },
          annotations: { summary: "shop is slow" },
          startsAt: "2026-11-30T00:00:00Z",
          endsAt: "0001-01-01T00:00:00Z",
          values: { A: 4.2 },
          valueString: "[ var='A' labels={} value=4.2 ]",
          generatorURL: "https://grafana.example.com/alerting/grafana/1/view",
          panelURL: "https://grafana.example.com/d/1?viewPanel=2",
          dashboardURL: "https://grafana.example.com/d/1",
          silenceURL: "https://grafana.example.com/alerting/silence/new",
          fingerprint: "c6eadffa33fcdf37",
        },
      ],
    },
    resolved: {
      alerts: [{ status: "resolved", labels: { alertname: "Slow", grafana_folder: "shop" }, annotations: {} }],
    },
    read: {
      name: "Slow",
      severity: "warning",
      summary: "shop is slow",
      labels: { alertname: "Slow", grafana_folder: "shop" },
      link: "https://grafana.example.com/d/1?viewPanel=2",
    },
  },
  cloudwatch: {
    firing: sns(alarm("ALARM")),
    resolved: sns(alarm("OK")),
    read: {
      name: "shop-cpu",
      severity: "critical",
      summary: "CPU of the shop is above 90 %",
      labels: {
        alertname: "shop-cpu",
        InstanceId: "i-0abc",
        metric: "CPUUtilization",
        namespace: "AWS/EC2",
        region: "EU (Ireland)",
        account: "123456789012",
      },
      link: "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#alarmsV2:alarm/shop-cpu",
    },
  },
  google: {
    firing: incident("open"),
    resolved: incident("closed"),
    read: {
      name: "CPU",
      severity: "critical",
      summary: "CPU of web is above 0.9 with a value of 0.97.",
      labels: {
        alertname: "CPU",
        instance_id: "1234",
        zone: "europe-west1-b",
        service: "shop",
        project_id: "acme-prod",
        resource_type: "gce_instance",
        resource: "acme web",
        condition: "CPU above 90 %",
      },
      link: "https://console.cloud.google.com/monitoring/alerting/incidents/0.lsnwib31sglo",
    },
  },
  datadog: {
    firing: datadog("Triggered"),
    resolved: datadog("Recovered"),
    read: {
      name: "Disk is full",
      severity: "critical",
      summary: "Disk is full",
      labels: { alertname: "Disk is full", host: "web-1", service: "shop", env: "prod", monitor: "1234" },
      link: "https://app.datadoghq.com/monitors/1234",
    },
  },
  sentry: {
    firing: metricAlert("critical"),
    resolved: metricAlert("resolved"),
    read: {
      name: "Too many errors",
      severity: "critical",
      summary: "Critical: Too many errors",
      labels: { alertname: "Too many errors", project: "shop", environment: "prod" },
      link: "https://sentry.io/organizations/acme/alerts/23/",
    },
  },
  pagerduty: {
    firing: {
      routing_key: "key",
      event_action: "trigger",
      dedup_key: "shop/cpu",
      client: "cron",
      client_url: "https://cron.example.com",
      links: [{ href: "https://graphs.example.com/cpu", text: "CPU" }],
      payload: {
        summary: "CPU is high",
        source: "web-1",
        severity: "error",
        timestamp: "2026-11-30T00:00:00.000+0000",
        component: "web",
        class: "cpu",
        custom_details: { service: "shop", load: 7, nested: { no: 1 } },
      },
    },
    resolved: { routing_key: "key", event_action: "resolve", dedup_key: "shop/cpu" },
    read: {
      name: "cpu",
      severity: "critical",
      summary: "CPU is high",
      labels: {
        alertname: "cpu",
        service: "shop",
        load: "7",
        source: "web-1",
        component: "web",
        class: "cpu",
        client: "cron",
      },
      link: "https://graphs.example.com/cpu",
    },
  },
  "uptime-kuma": {
    firing: kuma(0),
    resolved: kuma(1),
    read: {
      name: "Shop",
      severity: "critical",
      summary: "Shop is down: getaddrinfo ENOTFOUND",
      labels: {
        alertname: "Shop",
        service: "shop",
        monitor: "Shop",
        type: "http",
        url: "https://shop.example.com",
      },
      link: "https://shop.example.com",
    },
  },
  heroku: {
    firing: dyno("crashed"),
    resolved: dyno("up"),
    read: {
      name: "dyno crashed",
      severity: "critical",
      summary: "web.1 of shop crashed with status 137",
      labels: { alertname: "dyno crashed", app: "shop", process: "web", dyno: "web.1" },
      link: "https://dashboard.heroku.com/apps/shop",
    },
  },
  cloud66: {
    firing: { timestamp: 1_796_000_000, event_type: "server.stopped", uid: "550e", status: 1, server: "550e" },
    resolved: { timestamp: 1_796_000_100, event_type: "server.backon", uid: "550e", status: 1, server: "550e" },
    read: {
      name: "server trouble",
      severity: "critical",
      summary: "server stopped: 550e",
      labels: { alertname: "server trouble", server: "550e", event_type: "server.stopped" },
      link: null,
    },
  },
  generic: {
    firing: {
      name: "Backup failed",
      id: "backup-7",
      severity: "critical",
      summary: "pg_dump exits 1",
      service: "shop-db",
      responsibility: "backups",
      labels: { host: "db-1" },
      started_at: "2026-11-30T00:00:00Z",
      link: "https://ci.example.com/7",
    },
    resolved: { alerts: [{ name: "Backup failed", id: "backup-7", state: "resolved" }] },
    read: {
      name: "Backup failed",
      severity: "critical",
      summary: "pg_dump exits 1",
      labels: { alertname: "Backup failed", host: "db-1", service: "shop-db", responsibility: "backups" },
      link: "https://ci.example.com/7",
    },
  },
};
