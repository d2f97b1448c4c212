/** The `stop` member of several protocols: a list of sequences, or a single one without the list around it. */
import type { JsonValue } from '../../model/json.ts'
import type { MemberReader } from './member-reader.ts'
import { wrongType } from './member-reader.ts'
import type { MemberWriter } from './member-writer.ts'

/** Undefined where there are none. Notes the spelling on the reader's node. */
export function readStop(reader: MemberReader): string[] | undefined {
  const value = reader.peek('stop')
  if (typeof value === 'string') {
    reader.take('stop')
    reader.note('bareStop', true)
    return [value]
  }
  if (value !== undefined && value !== null && !Array.isArray(value))
    throw wrongType(reader.at('stop'), 'a string or an array of strings', value)
  const list = reader.strings('stop')
  return list?.length === 0 ? undefined : list
}

/** As it was spelled, where that can say it. */
export function spelledStop(writer: MemberWriter, stop: readonly string[]): JsonValue {
  const [only] = stop
  return stop.length === 1 && only !== undefined && writer.note('bareStop') === true ? only : [...stop]
}
