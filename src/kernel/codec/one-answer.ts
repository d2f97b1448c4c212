/** Reading complete answers: what is not of the protocol is the provider's fault. */
import { Fault } from '../../model/fault.ts'
import type { JsonObject } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { wrongType } from './member-reader.ts'

/** `what` is what an answer should be, in words: `a prediction of Replicate`. */
export function answerDecoder<T>(what: string, read: (json: JsonObject) => T): (json: unknown) => T {
  return (json) => {
    try {
      if (!isJsonObject(json)) throw wrongType('body', 'a JSON object', json)
      return read(json)
    } catch (error) {
      if (error instanceof Fault && error.code === 'invalid_request') throw notOfProtocol(what, error)
      throw error
    }
  }
}

export function notOfProtocol(what: string, cause: Fault): Fault {
  return new Fault('provider_malformed', `The provider's answer is not ${what}: ${cause.message}`, { cause })
}
