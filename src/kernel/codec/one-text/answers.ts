/** Reading complete answers: what is not of the protocol is the provider's fault, and metering reads what decoding has read. */
import type { ChatResponse } from '../../../model/chat.ts'
import { Fault } from '../../../model/fault.ts'
import type { JsonObject } from '../../../model/json.ts'
import { isJsonObject } from '../../../model/json.ts'
import type { Body } from '../../body.ts'
import type { AnswerFacts } from '../../dialect.ts'
import { wrongType } from '../member-reader.ts'

/** `what` is what an answer should be, in words: `a prediction of Replicate`. */
export function answerDecoder(what: string, read: (json: JsonObject) => ChatResponse): (json: unknown) => ChatResponse {
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

function notOfProtocol(what: string, cause: Fault): Fault {
  return new Fault('provider_malformed', `The provider's answer is not ${what}: ${cause.message}`, { cause })
}

/** Answers of these protocols are small and simple: what was read for metering is not read again for the client. */
export function factsReader(what: string): (body: Body<ChatResponse>) => AnswerFacts {
  return (body) => {
    let response: ChatResponse
    try {
      response = body.read()
    } catch (error) {
      if (error instanceof Fault && error.side === 'client') throw notOfProtocol(what, error)
      throw error
    }
    const { id, model, usage, choices } = response
    const finish = choices[0]?.finish
    return {
      ...(id !== '' && { id }),
      ...(model !== '' && { model }),
      ...(usage !== undefined && { usage }),
      ...(finish !== undefined && { finish }),
    }
  }
}
