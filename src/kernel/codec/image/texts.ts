/** Texts in answers that may hold anything. */
import type { JsonValue } from '../../../model/json.ts'

export const textIn = (value: JsonValue | undefined): string => (typeof value === 'string' ? value : '')

/** Those of a list that are texts and say something. */
export const textsIn = (value: JsonValue | undefined): string[] =>
  Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string' && each !== '') : []
