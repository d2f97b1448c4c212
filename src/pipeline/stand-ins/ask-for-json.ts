/** Asks a chat model for a value of a schema, by whatever way the target has for that. */
import { parseJson } from '../../bytes/parse-json.ts'
import { Fault } from '../../model/fault.ts'
import type { JsonObject } from '../../model/json.ts'
import type { ChatResponse } from '../../model/chat.ts'
import type { Part } from '../../model/part.ts'
import type { Failure } from '../attempt/attempt-result.ts'
import type { Accounts } from './accounts.ts'
import { askInside } from './inner-call.ts'
import type { InnerContext } from './inner-call.ts'

export interface JsonQuestion {
  /** Of the schema: letters and underscores. */
  readonly name: string
  readonly instructions: string
  /** What the instructions are about. */
  readonly shown: readonly Part[]
  readonly schema: JsonObject
}

/** The value is as the model wrote it: whoever asks has to look whether it fits. */
export async function askForJson(
  context: InnerContext,
  { name, instructions, shown, schema }: JsonQuestion,
  accounts: Accounts,
): Promise<{ readonly ok: true; readonly value: unknown } | Failure> {
  const { provider, model } = context.deployment
  const answer = await askInside(context, 'chat', {
    model,
    stream: false,
    messages: [
      { role: 'system', parts: [{ type: 'text', text: instructions }] },
      { role: 'user', parts: shown },
    ],
    format: { type: 'json-schema', name, schema, strict: true },
  })
  if (!answer.ok) return answer
  accounts.add(answer.usages)
  try {
    return { ok: true, value: parseJson(textOf(answer.response)) }
  } catch {
    return unfitAnswer(provider, 'it was asked for JSON and wrote something else')
  }
}

export const unfitAnswer = (provider: string, how: string): Failure => ({
  ok: false,
  failOver: true,
  retry: false,
  fault: new Fault('provider_malformed', `${provider} could not stand in: ${how}.`, { upstream: { provider } }),
})

export function textOf({ choices }: ChatResponse): string {
  return (choices[0]?.parts ?? []).map((part) => (part.type === 'text' ? part.text : '')).join('')
}
