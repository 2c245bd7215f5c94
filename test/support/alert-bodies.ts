import type { AlertFormat } from "../../src/domain/alert.ts";
import { alertmanager, sns, alarm, incident, datadog, metricAlert, kuma, dyno } from "./alert-senders.ts";

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
