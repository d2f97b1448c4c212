/** Metering of complete answers of one text: it reads what decoding has read. */
import type { ChatResponse } from '../../../model/chat.ts'
import { Fault } from '../../../model/fault.ts'
import type { Body } from '../../body.ts'
import type { AnswerFacts } from '../../dialect.ts'
import { notOfProtocol } from '../one-answer.ts'

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
