/** The members of a function that all protocols of OpenAI's kind have in common, and what stands for a tool that is none. */
import type { FunctionTool } from '../../model/chat.ts'
import type { JsonObject } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { wrongType } from './member-reader.ts'
import type { MemberReader } from './member-reader.ts'
import { textMember } from './tool-arguments.ts'

/** `name`, `description` and `parameters` of the object that the reader is of. */
export function readFunction(reader: MemberReader): FunctionTool {
  const name = reader.requiredString('name')
  const description = reader.string('description')
  const parameters = reader.take('parameters')
  if (parameters !== undefined && !isJsonObject(parameters))
    throw wrongType(reader.at('parameters'), 'an object: a JSON Schema', parameters)
  return {
    type: 'function',
    name,
    ...(description !== undefined && { description }),
    ...(parameters !== undefined && { parameters }),
  }
}

/** The parameters of a function in place of a tool that takes free text. */
export const freeTextParameters = (): JsonObject => ({
  type: 'object',
  properties: { [textMember]: { type: 'string' } },
  required: [textMember],
})
