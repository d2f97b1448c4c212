/** Reads the few top-level members that routing and limits need from a request's bytes, each of its type or refused. */
import type { JsonSpans } from '../../bytes/json-spans.ts'
import { Fault, invalidRequest } from '../../model/fault.ts'
import type { Body } from '../body.ts'
import { wrongType } from './member-reader.ts'

const openBracket = 0x5b

/** The spans of a request whose members are all there once: of two, two readers could see two different requests. */
export function requestSpans(body: Body<unknown>): JsonSpans {
  const spans = body.spans()
  const [duplicate] = spans.duplicates
  if (duplicate !== undefined)
    throw new Fault(
      'duplicate_member',
      `\`${duplicate}\` appears twice at the top level of the request: send it once.`,
      { param: duplicate },
    )
  return spans
}

export function headModel(spans: JsonSpans): string {
  const model = spans.json('model')
  if (typeof model !== 'string' || model === '')
    throw wrongType('model', 'the name of a model: a string that is not empty', model)
  return model
}

/** `absent` is what it means to leave the member out. */
export function headStream(spans: JsonSpans, absent: boolean): boolean {
  const stream = spans.json('stream') ?? absent
  if (typeof stream !== 'boolean') throw wrongType('stream', 'true or false', stream)
  return stream
}

/** A whole number of at least `min`; undefined for null and absent. */
export function headNumber(spans: JsonSpans, key: string, min = 1): number | undefined {
  const value = spans.json(key) ?? undefined
  if (value === undefined) return undefined
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min) {
    throw typeof value === 'number'
      ? invalidRequest(key, `\`${key}\` must be a whole number of at least ${min}, but is ${value}.`)
      : wrongType(key, 'a number', value)
  }
  return value
}

/** Refuses what is no list under the key, or one with nothing in it; `of` is what it should hold, in the singular. */
export function requireList(body: Body<unknown>, key: string, of: string): void {
  const spans = body.spans()
  if (spans.entries(key) > 0) return
  const span = spans.get(key)
  if (span !== undefined && body.byte(span.start) === openBracket)
    throw invalidRequest(key, `\`${key}\` is empty: send at least one ${of}.`)
  throw wrongType(key, `an array of ${of}s`, spans.json(key))
}

export function headText(spans: JsonSpans, key: string): string | undefined {
  const value = spans.json(key) ?? undefined
  if (value !== undefined && typeof value !== 'string') throw wrongType(key, 'a string', value)
  return value
}
