import { nearest } from "../domain/nearest.ts";

/** What the environment says of traces, by OpenTelemetry's own names; `.env.example` explains each. */

export const TRACES_NAMES = [
  "OTEL_EXPORTER_OTLP_ENDPOINT",
  "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
  "OTEL_EXPORTER_OTLP_PROTOCOL",
  "OTEL_EXPORTER_OTLP_HEADERS",
  "OTEL_SERVICE_NAME",
  "OTEL_TRACES_SAMPLER",
  "OTEL_TRACES_SAMPLER_ARG",
] as const;
type Name = (typeof TRACES_NAMES)[number];

const SAMPLER_NAMES = [
  "always_on",
  "always_off",
  "traceidratio",
  "parentbased_always_on",
  "parentbased_always_off",
  "parentbased_traceidratio",
] as const;
export type SamplerName = (typeof SAMPLER_NAMES)[number];

/** Where spans go and which are kept. The headers stay in the environment, where the exporter reads them. */
export type TracesConfig = {
  /** With the path. */
  readonly url: string;
  readonly service: string;
  readonly sampler: SamplerName;
  /** For the samplers that keep a part: from 0 to 1. */
  readonly ratio: number;
};

type Values = Readonly<Partial<Record<Name, string>>>;
type Complain = (name: Name, wrong: string) => void;

/** Null: no traces are made, because no endpoint is set. */
export function readTraces(values: Values, complain: Complain): TracesConfig | null {
  const url = readUrl(values, complain);
  if (url === null) return null;
  const protocol = values.OTEL_EXPORTER_OTLP_PROTOCOL ?? "http/protobuf";
  if (protocol !== "http/protobuf")
    complain("OTEL_EXPORTER_OTLP_PROTOCOL", "must be http/protobuf, the one that Daytwo speaks (port 4318 by custom).");
  const headers = values.OTEL_EXPORTER_OTLP_HEADERS;
  if (
    headers !== undefined &&
    !headers.split(",").every((pair) => /^\s*[\w!#$%&'*+.^|~-]+\s*=[ -+\--:<-~]*$/.test(pair))
  )
    complain("OTEL_EXPORTER_OTLP_HEADERS", "must be name=value, several with a comma between them.");
  return {
    url,
    service: values.OTEL_SERVICE_NAME ?? "daytwo",
    sampler: readSampler(values, complain),
    ratio: readRatio(values, complain),
  };
}

/** The endpoint of traces is taken as it is, the one for all signals gets their path. */
function readUrl(values: Values, complain: Complain): string | null {
  const own = values.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT;
  const name = own === undefined ? "OTEL_EXPORTER_OTLP_ENDPOINT" : "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
  const text = values[name];
  if (text === undefined) return null;
  if (!/^https?:$/.test(URL.parse(text)?.protocol ?? ""))
    complain(name, "must be an http:// or https:// URL, such as http://127.0.0.1:4318.");
  return own ?? `${text.replace(/\/$/, "")}/v1/traces`;
}

function readSampler(values: Values, complain: Complain): SamplerName {
  const text = values.OTEL_TRACES_SAMPLER ?? "parentbased_always_on";
  const sampler = SAMPLER_NAMES.find((each) => each === text);
  if (sampler === undefined) {
    const near = nearest(text, SAMPLER_NAMES);
    complain(
      "OTEL_TRACES_SAMPLER",
      `must be one of ${SAMPLER_NAMES.join(", ")}.${near === undefined ? "" : ` Did you mean ${near}?`}`,
    );
  }
  return sampler ?? "parentbased_always_on";
}

function readRatio(values: Values, complain: Complain): number {
  const ratio = Number(values.OTEL_TRACES_SAMPLER_ARG ?? "1");
  if (!(ratio >= 0 && ratio <= 1)) complain("OTEL_TRACES_SAMPLER_ARG", "must be a number from 0 to 1, such as 0.1.");
  return ratio;
}
