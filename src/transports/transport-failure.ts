/** Sorts what undici, the sockets and OpenSSL report into the few kinds of failure that the pipeline acts on. */
import { TransportError } from '../kernel/transport.ts'
import type { TransportFailure } from '../kernel/transport.ts'

/** Code of the error with which a connection to a forbidden address is refused before it is made. */
export const refusedAddressCode = 'ERR_ADDRESS_NOT_PERMITTED'

const failures: Readonly<Record<string, TransportFailure>> = {
  ECONNREFUSED: 'connect',
  ENOTFOUND: 'connect',
  EAI_AGAIN: 'connect',
  EAI_FAIL: 'connect',
  EHOSTUNREACH: 'connect',
  EHOSTDOWN: 'connect',
  ENETUNREACH: 'connect',
  EADDRNOTAVAIL: 'connect',
  EACCES: 'connect',
  EMFILE: 'connect',
  ENFILE: 'connect',
  UND_ERR_CONNECT_TIMEOUT: 'connect-timeout',
  ETIMEDOUT: 'connect-timeout',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  ECONNABORTED: 'reset',
  UND_ERR_CLOSED: 'reset',
  UND_ERR_DESTROYED: 'reset',
  UND_ERR_ABORTED: 'reset',
  // Fewer bytes than the content-length promised.
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'reset',
  UND_ERR_HEADERS_OVERFLOW: 'malformed',
  [refusedAddressCode]: 'refused-address',
}

/** OpenSSL's and Node's codes for certificates: `CERT_HAS_EXPIRED`, `DEPTH_ZERO_SELF_SIGNED_CERT`, `ERR_TLS_…`, `UNABLE_TO_…`. */
const tlsCode =
  /^(ERR_TLS_|ERR_SSL_|ERR_OSSL_|CERT_|CRL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_EXCEEDED|EPROTO$)/

const words: Readonly<Record<TransportFailure, string>> = {
  connect: 'no connection could be made',
  'connect-timeout': 'the connection was not made in time',
  tls: 'the TLS handshake or certificate was not acceptable',
  reset: 'the connection broke before the answer was complete',
  malformed: 'the answer is not valid HTTP',
  'refused-address': 'the address may not be connected to',
}

function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return ''
  return typeof error.code === 'string' ? error.code : ''
}

function failureOf(error: unknown): TransportFailure {
  const code = codeOf(error)
  const known = failures[code]
  if (known !== undefined) return known
  if (tlsCode.test(code)) return 'tls'
  // undici reports a closed socket and an answer out of turn under one code.
  if (code === 'UND_ERR_SOCKET')
    return error instanceof Error && error.message.startsWith('bad ') ? 'malformed' : 'reset'
  // Parser errors carry no usable code; an end in the middle of a head or chunked body is one of them.
  if (error instanceof Error && error.name === 'HTTPParserError') {
    return error.message.includes('Invalid EOF state') ? 'reset' : 'malformed'
  }
  if (error instanceof AggregateError && error.errors.length > 0) return failureOf(error.errors[0])
  return code.startsWith('UND_ERR_') ? 'malformed' : 'reset'
}

/** Anything thrown or reported while a call was under way. Tells the cause's code, and its message only where that is a fixed text. */
export function transportErrorOf(error: unknown): TransportError {
  if (error instanceof TransportError) return error
  const failure = failureOf(error)
  const code = codeOf(error)
  return new TransportError(failure, code === '' ? words[failure] : `${words[failure]} (${code})`, error)
}
