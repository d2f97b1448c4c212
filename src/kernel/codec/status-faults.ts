/** Errors of services that tell them by their status and one message, in a member that each has its own name for. */
import type { FaultCodec } from '../dialect.ts'
import { Fault } from '../../model/fault.ts'
import type { FaultCode } from '../../model/fault.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { retryAfterMs } from './retry-after.ts'

const longestMessage = 2000

export interface FaultWords {
  /** The texts that may be the message, the likeliest first. */
  readonly messages: (json: JsonObject) => readonly (JsonValue | undefined)[]
  readonly body: (fault: Fault) => JsonObject
  /** Milliseconds that the body asks to wait, where it does. */
  readonly waits?: (json: JsonObject) => number | undefined
}

export function faultCodeOfStatus(status: number): FaultCode {
  if (status === 401 || status === 403) return 'provider_authentication'
  if (status === 402) return 'provider_billing'
  if (status === 404) return 'provider_not_found'
  if (status === 408 || status === 504) return 'provider_timeout'
  if (status === 429) return 'provider_rate_limited'
  if (status === 503 || status === 529) return 'provider_overloaded'
  return status >= 400 && status < 500 ? 'provider_rejected' : 'provider_error'
}

/** What a body tells: of JSON the first text among `messages`, else the body itself unless it is a page. */
export function faultMessage(body: unknown, messages: FaultWords['messages']): string | undefined {
  const told = isJsonObject(body) ? messages(body) : []
  const plain = typeof body === 'string' && !/^\s*</.test(body) ? body : undefined
  return [...told, plain].map(textOf).find((text) => text !== undefined)
}

/** Some services tell what is wrong as a list or an object of details. */
function textOf(value: JsonValue | undefined): string | undefined {
  if (value === undefined || value === null || value === '') return undefined
  const text = typeof value === 'string' ? value : typeof value === 'object' ? JSON.stringify(value) : undefined
  return text === undefined || text.trim() === '' ? undefined : text.slice(0, longestMessage)
}

export function statusFaultCodec(words: FaultWords): FaultCodec {
  return {
    decode(status, body, headers) {
      const code = faultCodeOfStatus(status)
      const wait = retryAfterMs(headers) ?? (isJsonObject(body) ? words.waits?.(body) : undefined)
      const requestId = headers['x-request-id']
      const message = faultMessage(body, words.messages)
      return new Fault(code, message ?? `The provider answered with status ${status} and no message.`, {
        // The client's own mistake keeps the provider's more exact status (413, 422).
        ...(code === 'provider_rejected' && status >= 400 && { status }),
        ...(wait !== undefined && { retryAfterMs: wait }),
        upstream: { status, ...(requestId !== undefined && { requestId }) },
      })
    },
    encode: (fault) => ({ status: fault.status, json: words.body(fault) }),
  }
}
