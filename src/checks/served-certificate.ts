import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { connect, type TLSSocket } from "node:tls";
import { Unavailable } from "../errors.ts";
import { isDeadline } from "./deadline.ts";
import { networkProblem } from "./network-problem.ts";

/** The certificate that an address really serves, whatever may be wrong with it. */

export type ServedCertificate = {
  /** Hexadecimal, upper case, as openssl shows it. */
  readonly serial: string;
  readonly issuer: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** Whether it covers a name or an IP address, by its subject alternative names: the subject itself names nothing any more. */
  covers(name: string): boolean;
  /** Whether its chain leads to a trust anchor and is in force, by this machine's clock. Its names are judged by `covers`. */
  readonly authorized: boolean;
  /** Why it is not, in plain words. */
  readonly problem: string | undefined;
};

const PATIENCE = 10_000;

/** `host:port`, `host`, `[::1]:port` or a bare IPv6 address; the port is 443 unless given. Undefined when it is neither. */
export function parseAddress(address: string): { readonly host: string; readonly port: number } | undefined {
  if (isIP(address) === 6) return { host: address, port: 443 };
  const match = /^(?:\[([0-9a-f:.%]+)\]|([^\s:/[\]]+))(?::(\d{1,5}))?$/i.exec(address);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3] ?? 443);
  if (host === undefined || port < 1 || port > 65_535) return undefined;
  return match?.[1] === undefined || isIP(host) === 6 ? { host, port } : undefined;
}

/**
 * Connects once, with `servername` as SNI unless that is an IP address.
 * @param trust.ca PEM of the trust anchors; the system's and Node's own otherwise
 * @throws Unavailable when no certificate could be seen in time; the signal's reason when it was called off
 */
export async function servedCertificate(
  address: string,
  servername: string,
  trust: { readonly ca?: string | undefined; readonly signal: AbortSignal },
): Promise<ServedCertificate> {
  const at = parseAddress(address);
  if (at === undefined) throw new Unavailable(`"${address}" is not an address like shop.example.com:443.`);
  const { socket, unauthorized } = await handshake(at, servername, trust).catch((error: unknown) => {
    if (trust.signal.aborted && !isDeadline(trust.signal)) throw trust.signal.reason;
    const words = networkProblem(error)?.words;
    if (words === undefined) throw error;
    throw new Unavailable(`${address} does not answer: ${words}.`, { cause: error });
  });
  try {
    // The detailed form first: asked for the other one before, Node answers {} here.
    const { raw } = socket.getPeerCertificate(true);
    return describe(new X509Certificate(raw), unauthorized);
  } finally {
    socket.destroySoon();
  }
}

type Shaken = { readonly socket: TLSSocket; readonly unauthorized: string | undefined };

function handshake(
  { host, port }: { readonly host: string; readonly port: number },
  servername: string,
  { ca, signal }: { readonly ca?: string | undefined; readonly signal: AbortSignal },
): Promise<Shaken> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host,
      port,
      ...(isIP(servername) === 0 && { servername }),
      ...(ca !== undefined && { ca }),
      ALPNProtocols: ["http/1.1"],
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
    });
    function stop(): void {
      socket.destroy(timedOut());
    }
    signal.addEventListener("abort", stop, { once: true });
    socket.setTimeout(PATIENCE, () => socket.destroy(timedOut()));
    socket.once("close", () => signal.removeEventListener("abort", stop));
    socket.on("error", reject);
    // A server that hangs up before its certificate ends the socket without an error.
    socket.once("close", () => reject(cut()));
    socket.once("secureConnect", () => {
      // Node's types promise an Error here; it is the OpenSSL code.
      const code = socket.authorized ? undefined : String(socket.authorizationError);
      resolve({ socket, unauthorized: code });
    });
    if (signal.aborted) stop();
  });
}

function describe(certificate: X509Certificate, unauthorized: string | undefined): ServedCertificate {
  return {
    serial: certificate.serialNumber,
    issuer: commonName(certificate.issuer),
    notBefore: new Date(certificate.validFrom),
    notAfter: new Date(certificate.validTo),
    covers: (name) =>
      isIP(name) === 0
        ? certificate.checkHost(name, { subject: "never" }) !== undefined
        : certificate.checkIP(name) !== undefined,
    authorized: unauthorized === undefined,
    problem:
      unauthorized === undefined
        ? undefined
        : (CHAIN_PROBLEMS[unauthorized] ?? `it is not trusted here (${unauthorized})`),
  };
}

const CHAIN_PROBLEMS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "it or an issuer above it has expired",
  CERT_NOT_YET_VALID: "it or an issuer above it is not valid yet",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    "the server does not send its intermediate certificates, or its issuer is not trusted here",
  UNABLE_TO_GET_ISSUER_CERT: "the server does not send its intermediate certificates",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its issuer is not trusted here",
  SELF_SIGNED_CERT_IN_CHAIN: "its issuer is not trusted here",
  DEPTH_ZERO_SELF_SIGNED_CERT: "it is self-signed",
  CERT_REVOKED: "it was revoked",
  CERT_REJECTED: "it is rejected here",
  CERT_UNTRUSTED: "it is not trusted for servers",
  INVALID_PURPOSE: "it was not issued for servers",
  INVALID_CA: "one of its issuers may not issue certificates",
  PATH_LENGTH_EXCEEDED: "its chain is longer than its issuer allows",
  CERT_CHAIN_TOO_LONG: "its chain is too long",
  CERT_SIGNATURE_FAILURE: "its signature is wrong",
  PERMITTED_VIOLATION: "its issuer may not issue for this name",
  EXCLUDED_VIOLATION: "its issuer may not issue for this name",
};

function commonName(distinguished: string): string {
  const parts = distinguished.split("\n");
  const named = parts.find((part) => part.startsWith("CN=")) ?? parts.find((part) => part.startsWith("O="));
  return named?.replace(/^\w+=/, "") ?? parts.join(", ");
}

function timedOut(): Error {
  return Object.assign(new Error("No certificate in time."), { code: "ETIMEDOUT" });
}

function cut(): Error {
  return Object.assign(new Error("The connection was closed before a certificate came."), { code: "ECONNRESET" });
}
