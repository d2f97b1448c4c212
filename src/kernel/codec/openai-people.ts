/** Who a request is for and what is noted on it, in the spellings of OpenAI's protocols. */
import { isJsonObject } from '../../model/json.ts'
import { wrongType } from './member-reader.ts'
import type { MemberReader } from './member-reader.ts'

/** `user` is the older of the two names and rules while both are sent; the other then stays unmodelled. */
export function readEndUser(reader: MemberReader): string | undefined {
  const user = reader.string('user')
  if (user !== undefined) return user
  const identifier = reader.string('safety_identifier')
  if (identifier !== undefined) reader.note('endUser', 'safety_identifier')
  return identifier
}

export function readMetadata(reader: MemberReader): Record<string, string> | undefined {
  const value = reader.take('metadata')
  if (value === undefined) return undefined
  if (!isJsonObject(value)) throw wrongType('metadata', 'an object', value)
  for (const [key, member] of Object.entries(value))
    if (typeof member !== 'string') throw wrongType(`metadata.${key}`, 'a string', member)
  return value as Record<string, string>
}
