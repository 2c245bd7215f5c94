/**
 * The four ways a request can end without being a bug. The message is a sentence for a person: what was wrong, and
 * what would be right. The inner error, if any, is the `cause`; it is logged and never shown. Anything else that is
 * thrown is a bug: each surface logs it with its chain and shows a reference.
 */
export abstract class Expected extends Error {
  /** The next step for the person, as a sentence; shown beneath the message. */
  hint: string | undefined;

  constructor(message: string, options: { cause?: unknown; hint?: string } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.hint = options.hint;
  }

  /** What is wrong, and what would be right, in one line. */
  get sentences(): string {
    return this.hint === undefined ? this.message : `${this.message} ${this.hint}`;
  }
}

/** What was typed, sent or configured cannot be right. */
export class Invalid extends Expected {
  override readonly name = "Invalid";
}

/** The person may not do this. */
export class Denied extends Expected {
  override readonly name = "Denied";
  /** On what it was tried, for the record. */
  readonly on: {
    readonly service?: string | undefined;
    readonly item?: number | undefined;
    readonly operation?: number | undefined;
  };

  constructor(message: string, options: { cause?: unknown; hint?: string; on?: Denied["on"] } = {}) {
    super(message, options);
    this.on = options.on ?? {};
  }
}

/** Somebody was faster, or the thing is no longer in the state that this needs. */
export class Conflict extends Expected {
  override readonly name: string = "Conflict";
}

/** The same request was carried out before: whoever made it was told then. */
export class Repeated extends Conflict {
  override readonly name = "Repeated";
}

/** Something we depend on does not answer; the same request may work later. */
export class Unavailable extends Expected {
  override readonly name = "Unavailable";
}
