/** A tool call's arguments, which models write as text, as the object that protocols want whose tools take objects. */
import { parsePreciseJson } from '../../bytes/precise-json.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import { objectCompletion } from './complete-json.ts'

export interface ToolInput {
  readonly input: JsonValue
  /** Why the input is not just what the model wrote. */
  readonly adapted?: string
}

/** Free text, for tools that other protocols give text to, goes into a member of this name. */
export const textMember = 'input'

/** `kind` as in a tool call. Numbers keep their digits. */
export function toolInputOf(text: string, kind?: 'custom'): ToolInput {
  if (kind === 'custom')
    return {
      input: { [textMember]: text },
      adapted: 'tools here take objects: the free text is put into a member named input',
    }
  if (text.trim() === '' || text.trim() === 'null') return { input: {} }
  const completion = objectCompletion(text)
  if (completion !== undefined) {
    const input = parsePreciseJson(text + completion) as JsonObject
    return completion === ''
      ? { input }
      : { input, adapted: 'the arguments broke off and were ended to make an object' }
  }
  return {
    input: { [textMember]: valueOf(text) },
    adapted: 'the arguments are not a JSON object: they are put into a member named input',
  }
}

function valueOf(text: string): JsonValue {
  try {
    return parsePreciseJson(text) as JsonValue
  } catch {
    return text
  }
}

/** As `toolInputOf`, for what this dialect decoded itself: any JSON value goes back as it was. */
export function ownInputOf(text: string, form: JsonValue | undefined): JsonValue | undefined {
  if (form === 'absent' && text === '{}') return undefined
  const value = valueOf(text)
  return form === 'any' || isJsonObject(value) ? value : toolInputOf(text).input
}
