/**
 * What code says about the work under way, for traces. Nothing of it costs anything, or loads anything, until
 * `tracing.ts` takes it up, which it does when an endpoint is configured. Facts are names and ids of ours and Slack's:
 * never a secret, never what somebody wrote.
 */

export type Facts = Readonly<Record<string, string | number | boolean | null | undefined>>;

export type SpanOptions = {
  readonly kind?: "server" | "client" | "consumer";
  /** What `carried` said where the work was asked for; without it the span belongs to the one that is current. */
  readonly parent?: string | null;
  /** Only as part of a span that is current, which stays the current one. */
  readonly aside?: boolean;
};

export type Spans = {
  run<T>(name: string, facts: Facts, work: () => Promise<T>, options: SpanOptions): Promise<T>;
  note(facts: Facts): void;
  happened(what: string): void;
  failed(error: unknown): void;
  carried(): string | null;
  current(): { readonly trace_id: string; readonly span_id: string } | null;
};

let spans: Spans | null = null;

/** From here on spans are made so; null: none are. One way for the whole process. */
export function makeSpans(made: Spans | null): void {
  spans = made;
}

/** Does the work in a span of its own, which ends with it and tells how. */
export function traced<T>(name: string, facts: Facts, work: () => Promise<T>, options: SpanOptions = {}): Promise<T> {
  return spans === null ? work() : spans.run(name, facts, work, options);
}

/** Adds to the current span what became known meanwhile. */
export function note(facts: Facts): void {
  spans?.note(facts);
}

/** The current span tells that this happened in it, by a name of ours. */
export function happened(what: string): void {
  spans?.happened(what);
}

/** The current span tells that its work failed, where the error itself goes no further. */
export function failed(error: unknown): void {
  spans?.failed(error);
}

/** The current span as a W3C traceparent, to be kept with what it asks for; null when there is none. */
export function carried(): string | null {
  return spans?.carried() ?? null;
}

/** For the log. */
export function currentIds(): { readonly trace_id?: string; readonly span_id?: string } {
  return spans?.current() ?? {};
}
