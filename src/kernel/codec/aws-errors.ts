/**
 * Errors of Bedrock's services, both ways. The kind stands in the header `x-amzn-errortype` or in `__type`, the message in `message`; inside
 * a stream the kind is the message's `:exception-type`. Kinds and statuses: Common Errors, Converse and InvokeAgent in the API reference.
 */
import { retryAfterMs } from './retry-after.ts'
import { faultCodeOfStatus } from './status-faults.ts'
import type { EncodedFault, FaultCodec } from '../dialect.ts'
import { Fault } from '../../model/fault.ts'
import type { FaultCode } from '../../model/fault.ts'
import { isJsonObject } from '../../model/json.ts'

interface Kind {
  readonly status: number
  readonly code: FaultCode
}

const kinds: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ['ValidationException', { status: 400, code: 'provider_rejected' }],
  ['ConflictException', { status: 400, code: 'provider_rejected' }],
  ['SerializationException', { status: 400, code: 'provider_rejected' }],
  ['ServiceQuotaExceededException', { status: 400, code: 'provider_rate_limited' }],
  ['AccessDeniedException', { status: 403, code: 'provider_authentication' }],
  ['UnrecognizedClientException', { status: 403, code: 'provider_authentication' }],
  ['ExpiredTokenException', { status: 403, code: 'provider_authentication' }],
  ['InvalidSignatureException', { status: 403, code: 'provider_authentication' }],
  ['IncompleteSignatureException', { status: 403, code: 'provider_authentication' }],
  ['MissingAuthenticationTokenException', { status: 403, code: 'provider_authentication' }],
  ['OptInRequired', { status: 403, code: 'provider_authentication' }],
  ['ResourceNotFoundException', { status: 404, code: 'provider_not_found' }],
  ['UnknownOperationException', { status: 404, code: 'provider_not_found' }],
  ['ModelTimeoutException', { status: 408, code: 'provider_timeout' }],
  ['DependencyFailedException', { status: 424, code: 'provider_error' }],
  ['ModelErrorException', { status: 424, code: 'provider_error' }],
  ['ModelStreamErrorException', { status: 424, code: 'provider_error' }],
  ['ThrottlingException', { status: 429, code: 'provider_rate_limited' }],
  ['ModelNotReadyException', { status: 429, code: 'provider_overloaded' }],
  ['InternalServerException', { status: 500, code: 'provider_error' }],
  ['InternalFailure', { status: 500, code: 'provider_error' }],
  ['BadGatewayException', { status: 502, code: 'provider_error' }],
  ['ServiceUnavailableException', { status: 503, code: 'provider_overloaded' }],
])

/** A model behind the service has failed. */
const failedDependency = 424

type Headers = Readonly<Record<string, string>>

function decodeFault(status: number, body: unknown, headers: Headers): Fault {
  const type = kindIn(headers['x-amzn-errortype']) ?? kindIn(textAt(body, '__type')) ?? kindIn(textAt(body, 'code'))
  return faultOf(type, status, messageIn(body, status), headers)
}

/** The kind of error that an `:exception-type` stands for, and the status that it has outside of streams. */
export function exceptionKind(exception: string): { readonly type: string; readonly status: number } {
  const type = exception.charAt(0).toUpperCase() + exception.slice(1)
  return { type, status: kinds.get(type)?.status ?? 500 }
}

/** An error that came inside a stream, by its `:exception-type`. */
export function decodeException(exception: string, body: unknown): Fault {
  const { type, status } = exceptionKind(exception)
  return faultOf(type, status, messageIn(body, status), {})
}

function faultOf(type: string | undefined, status: number, message: string, headers: Headers): Fault {
  const code =
    (type === undefined ? undefined : kinds.get(type)?.code) ??
    (status === failedDependency ? 'provider_error' : faultCodeOfStatus(status))
  const wait = retryAfterMs(headers)
  const requestId = headers['x-amzn-requestid']
  return new Fault(code, type === 'InvalidSignatureException' ? withoutRequest(message) : message, {
    ...(code === 'provider_rejected' && status >= 400 && status < 500 && { status }),
    ...(wait !== undefined && { retryAfterMs: wait }),
    upstream: {
      status,
      ...(type !== undefined && { type }),
      ...(requestId !== undefined && { requestId }),
    },
  })
}

/** AWS repeats the request it would have signed, the session token in it. */
function withoutRequest(message: string): string {
  return message.split(/\r?\n|The Canonical String/)[0]?.trim() ?? ''
}

/** `ValidationException:http://…`, `com.amazonaws.…#ValidationException`. */
function kindIn(text: string | undefined): string | undefined {
  const name = text?.split(':')[0]?.split('#').at(-1)?.trim()
  return name === undefined || !/^[A-Za-z]+$/.test(name) ? undefined : name
}

function textAt(body: unknown, key: string): string | undefined {
  const value = isJsonObject(body) ? body[key] : undefined
  return typeof value === 'string' && value.trim() !== '' ? value : undefined
}

const longestMessage = 2000

function messageIn(body: unknown, status: number): string {
  const text = textAt(body, 'message') ?? textAt(body, 'Message') ?? textAt(body, 'originalMessage')
  const plain = typeof body === 'string' && !/^\s*</.test(body) && body.trim() !== '' ? body.trim() : undefined
  const message = (text ?? plain)?.slice(0, longestMessage)
  return message ?? `The provider answered with status ${status} and no message.`
}

/** The kind that clients of this protocol know; a provider's own is kept. */
function kindOf(fault: Fault): string {
  const told = fault.upstream?.type
  if (told !== undefined && kinds.has(told)) return told
  const { status } = fault
  switch (status) {
    case 401:
    case 402:
    case 403:
      return 'AccessDeniedException'
    case 404:
      return 'ResourceNotFoundException'
    case 408:
    case 504:
      return 'ModelTimeoutException'
    case 429:
      return 'ThrottlingException'
    case 503:
    case 529:
      return 'ServiceUnavailableException'
    default:
      return status >= 400 && status < 500 ? 'ValidationException' : 'InternalServerException'
  }
}

/** There is no member for the field at fault: the message begins with it. */
function messageOf(fault: Fault): string {
  return fault.param === undefined || fault.upstream !== undefined || fault.message.includes(fault.param)
    ? fault.message
    : `${fault.param}: ${fault.message}`
}

function encodeFault(fault: Fault, requestId: string): EncodedFault {
  return {
    status: fault.status,
    json: { message: messageOf(fault) },
    headers: { 'x-amzn-errortype': kindOf(fault), 'x-amzn-requestid': fault.upstream?.requestId ?? requestId },
  }
}

/** Exceptions that a stream may hold (API reference, ConverseStreamOutput and the errors of ConverseStream). */
const streamed: ReadonlySet<string> = new Set([
  'InternalServerException',
  'ModelStreamErrorException',
  'ModelTimeoutException',
  'ServiceUnavailableException',
  'ThrottlingException',
  'ValidationException',
])

/** The `:exception-type` and payload of an error inside a stream. */
export function encodeException(fault: Fault): { readonly type: string; readonly message: string } {
  const kind = kindOf(fault)
  const fallback = fault.status >= 400 && fault.status < 500 ? 'ValidationException' : 'ModelStreamErrorException'
  const type = streamed.has(kind) ? kind : fallback
  return { type: type.charAt(0).toLowerCase() + type.slice(1), message: messageOf(fault) }
}

export const awsFaultCodec: FaultCodec = { decode: decodeFault, encode: encodeFault }
