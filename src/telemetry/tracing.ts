import { AsyncLocalStorage } from "node:async_hooks";
import { hostname } from "node:os";
import { pid } from "node:process";
import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
  type Span,
} from "@opentelemetry/api";
import { ExportResultCode, parseTraceParent } from "@opentelemetry/core";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { detectResources, envDetector, resourceFromAttributes } from "@opentelemetry/resources";
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
  type Sampler,
  type SpanExporter,
} from "@opentelemetry/sdk-trace";
import type { SamplerName, TracesConfig } from "../config/traces.ts";
import { Expected, Unavailable } from "../errors.ts";
import type { Log } from "../log.ts";
import { makeSpans, type Facts, type SpanOptions, type Spans } from "./trace.ts";

/**
 * OpenTelemetry's side of `trace.ts`: spans go to a collector in batches, beside the work. One that is away or hangs
 * costs a warning and the spans; nobody waits for it.
 */

const PATIENCE = 2_000; // ms that a collector may take for a batch, the second try and our end included

/** Makes spans from here on; the returned function stops that and sends what is left, within `PATIENCE`. */
export function openTracing(config: TracesConfig, log: Log): () => Promise<void> {
  const exporter = new OTLPTraceExporter({ url: config.url, timeoutMillis: PATIENCE });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ "host.name": hostname(), "process.pid": pid })
      .merge(detectResources({ detectors: [envDetector] }))
      .merge(resourceFromAttributes({ "service.name": config.service })),
    sampler: SAMPLERS[config.sampler](config.ratio),
    spanProcessors: [new BatchSpanProcessor({ exporter: quiet(exporter, config.url, log) })],
  });
  const made = spansOf(provider);
  makeSpans(made);
  return async () => {
    makeSpans(null);
    await provider.shutdown();
  };
}

const SAMPLERS: Readonly<Record<SamplerName, (ratio: number) => Sampler>> = {
  always_on: () => new AlwaysOnSampler(),
  always_off: () => new AlwaysOffSampler(),
  traceidratio: (ratio) => new TraceIdRatioBasedSampler(ratio),
  parentbased_always_on: () => new ParentBasedSampler({ root: new AlwaysOnSampler() }),
  parentbased_always_off: () => new ParentBasedSampler({ root: new AlwaysOffSampler() }),
  parentbased_traceidratio: (ratio) => new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
};

/** Says once that spans get lost, and once that they arrive again; of the address the host alone, of the answer nothing. */
function quiet(exporter: SpanExporter, url: string, log: Log): SpanExporter {
  const { host } = new URL(url);
  let losing = false;
  return {
    export(spans, done) {
      exporter.export(spans, ({ code, error }) => {
        const lost = code !== ExportResultCode.SUCCESS;
        if (lost && !losing) log.warn({ host, why: codeOf(error) }, "traces do not reach their collector");
        if (!lost && losing) log.info({ host }, "traces reach their collector again");
        losing = lost;
        done({ code: ExportResultCode.SUCCESS });
      });
    },
    shutdown: () => exporter.shutdown(),
  };
}

function codeOf(error: unknown): string | number {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" || typeof code === "number" ? code : "no answer in time";
}

const KINDS = { server: SpanKind.SERVER, client: SpanKind.CLIENT, consumer: SpanKind.CONSUMER } as const;

function spansOf(provider: TracerProvider): Spans {
  const tracer = provider.getTracer("daytwo");
  const contexts = new AsyncLocalStorage<Context>();
  function current(): Span | undefined {
    const context = contexts.getStore();
    return context === undefined ? undefined : trace.getSpan(context);
  }

  async function run<T>(name: string, facts: Facts, work: () => Promise<T>, options: SpanOptions): Promise<T> {
    if (options.aside === true && current() === undefined) return work();
    const context = parentOf(options) ?? contexts.getStore() ?? ROOT_CONTEXT;
    const kind = options.kind === undefined ? SpanKind.INTERNAL : KINDS[options.kind];
    const span = tracer.startSpan(name, { kind, attributes: attributesOf(facts) }, context);
    try {
      return await (options.aside === true ? work() : contexts.run(trace.setSpan(context, span), work));
    } catch (error) {
      fail(span, error);
      throw error;
    } finally {
      span.end();
    }
  }

  return {
    run,
    note: (facts) => void current()?.setAttributes(attributesOf(facts)),
    happened: (what) => void current()?.addEvent(what),
    failed(error) {
      const span = current();
      if (span !== undefined) fail(span, error);
    },
    carried() {
      const span = current()?.spanContext();
      return span === undefined ? null : `00-${span.traceId}-${span.spanId}-0${span.traceFlags & 1}`;
    },
    current() {
      const span = current()?.spanContext();
      return span === undefined ? null : { trace_id: span.traceId, span_id: span.spanId };
    },
  };
}

function parentOf({ parent }: SpanOptions): Context | null {
  const remote = parent === undefined || parent === null ? null : parseTraceParent(parent);
  return remote === null ? null : trace.setSpanContext(ROOT_CONTEXT, { ...remote, isRemote: true });
}

function attributesOf(facts: Facts): Attributes {
  return Object.fromEntries(
    Object.entries(facts).flatMap(([name, value]) => (value === null || value === undefined ? [] : [[name, value]])),
  );
}

/** That people are told no is an outcome; that something broke or is away, an error. By kind: messages may quote anything. */
function fail(span: Span, error: unknown): void {
  const kind = kindOf(error);
  if (error instanceof Expected) span.setAttribute("daytwo.outcome", kind.toLowerCase());
  if (error instanceof Expected && !(error instanceof Unavailable)) return;
  span.setAttribute("error.type", kind);
  span.setStatus({ code: SpanStatusCode.ERROR });
}

function kindOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  if ("error" in error && typeof error.error === "string") return error.error; // Slack's own word
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}
