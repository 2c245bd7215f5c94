/** Why no answer came, in plain words. */

export type NetworkProblem = {
  /** "connection refused"; fits behind "does not answer:". */
  readonly words: string;
  /** Whether it is on our side, so that it says nothing about the other one. */
  readonly ours: boolean;
};

const PROBLEMS: Readonly<Record<string, NetworkProblem>> = {
  ECONNREFUSED: theirs("connection refused"),
  ECONNRESET: theirs("the connection was cut"),
  EPIPE: theirs("the connection was cut"),
  UND_ERR_SOCKET: theirs("the connection was cut"),
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: theirs("the answer was cut short"),
  ETIMEDOUT: theirs("the connection timed out"),
  UND_ERR_CONNECT_TIMEOUT: theirs("the connection timed out"),
  UND_ERR_HEADERS_TIMEOUT: theirs("no answer in time"),
  UND_ERR_BODY_TIMEOUT: theirs("the answer stopped midway"),
  UND_ERR_HEADERS_OVERFLOW: theirs("it sends too many headers"),
  // Comes without a code; found by its name.
  HTTPParserError: theirs("it does not speak HTTP"),
  EHOSTUNREACH: theirs("no route to the host"),
  ENOTFOUND: theirs("the name does not exist"),
  EPROTO: theirs("it does not speak TLS as we do"),
  ERR_TLS_CERT_ALTNAME_INVALID: theirs("its certificate is not valid for this name"),
  CERT_HAS_EXPIRED: theirs("its certificate has expired"),
  CERT_NOT_YET_VALID: theirs("its certificate is not valid yet"),
  DEPTH_ZERO_SELF_SIGNED_CERT: theirs("its certificate is self-signed"),
  SELF_SIGNED_CERT_IN_CHAIN: theirs("its certificate comes from an issuer that is not trusted here"),
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: theirs("it does not send its intermediate certificates"),
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: theirs("its certificate comes from an issuer that is not trusted here"),
  OUT_OF_REACH_ADDRESS: ours("it leads to a private address, which only daytwo.yaml may name"),
  OUT_OF_REACH_PORT: ours("it is at an unusual port, which only daytwo.yaml may name"),
  OUT_OF_REACH_REDIRECT: ours("it redirects to a private address or an unusual port, which only daytwo.yaml may name"),
  EAI_AGAIN: ours("the name service does not answer"),
  ENETUNREACH: ours("no network from here"),
  ENETDOWN: ours("no network from here"),
  EADDRNOTAVAIL: ours("no network from here"),
  EMFILE: ours("too many open files here"),
  ENFILE: ours("too many open files here"),
};

/** Codes of OpenSSL, of which there are too many to list. */
const KINDS: readonly (readonly [RegExp, string])[] = [
  [/^ERR_SSL_/, "it does not speak TLS as we do"],
  [/^(CERT|CRL|UNABLE_TO|INVALID|PATH_LENGTH|ERR_TLS_CERT)_/, "its certificate is not trusted here"],
];

/** Looks through causes and collected attempts; undefined when the error is not about the network. */
export function networkProblem(error: unknown): NetworkProblem | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  const known = PROBLEMS[code] ?? PROBLEMS[error.name];
  if (known !== undefined) return known;
  const kin = KINDS.find(([pattern]) => pattern.test(code));
  if (kin !== undefined) return theirs(kin[1]);
  const inner: unknown[] = error instanceof AggregateError ? error.errors : [error.cause];
  return inner.map((each) => networkProblem(each)).find((each) => each !== undefined);
}

function theirs(words: string): NetworkProblem {
  return { words, ours: false };
}

function ours(words: string): NetworkProblem {
  return { words, ours: true };
}
