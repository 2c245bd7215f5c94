import { nearest } from "../domain/nearest.ts";
import type { Complain, Values } from "./names.ts";
import { readUrl } from "./readers.ts";

/** What the environment says of traces, by OpenTelemetry's own names. */

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

/** Null: no traces are made, because no endpoint is set. */
export function readTraces(values: Values, complain: Complain): TracesConfig | null {
  const url = readEndpoint(values, complain);
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
function readEndpoint(values: Values, complain: Complain): string | null {
  const example = "http://127.0.0.1:4318";
  const own = readUrl("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", example, values, complain);
  if (own !== null) return own;
  const all = readUrl("OTEL_EXPORTER_OTLP_ENDPOINT", example, values, complain);
  return all === null ? null : `${all.replace(/\/$/, "")}/v1/traces`;
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
