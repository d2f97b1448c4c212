/** Holds the text of an answer to a schema: right as it stands, right once its types are put right, or wrong at named places. */
import type { ErrorObject } from 'ajv'
import { hasHazardousKey, parseJson } from '../../../bytes/parse-json.ts'
import { parsePreciseJson } from '../../../bytes/precise-json.ts'
import type { JsonObject, JsonValue } from '../../../model/json.ts'
import { joinPath } from '../../../model/loss.ts'
import { coerced } from './coerce.ts'
import { UnusableSchema, validatorOf } from './compile-schema.ts'

export interface Problem {
  /** `items[2].price`; empty for the answer as a whole. */
  readonly path: string
  /** `must be integer`. */
  readonly message: string
}

/** As the end of a sentence. */
export function describe({ path, message }: Problem): string {
  return `${path === '' ? 'the answer' : `\`${path}\` of the answer`} ${message}`
}

export type Verdict =
  /** `text` differs from what was checked where types were put right. */
  { readonly ok: true; readonly text: string } | { readonly ok: false; readonly problems: readonly Problem[] }

export interface SchemaCheck {
  /** With `mend`, types may be put right. */
  check(text: string, mend: boolean): Verdict
}

/** Problems told of one answer. */
const mostProblems = 10
/** Passes of putting types right: each can bring to light what was hidden in a text. */
const mostPasses = 4

/** Throws `UnusableSchema`. */
export function schemaCheck(schema: JsonObject): SchemaCheck {
  const key = JSON.stringify(schema)
  validatorOf(key)
  return {
    check(text, mend) {
      try {
        return checked(key, text, mend)
      } catch (error) {
        if (!(error instanceof UnusableSchema)) throw error
        return { ok: false, problems: [{ path: '', message: `is unchecked, because the schema ${error.message}` }] }
      }
    },
  }
}

function checked(key: string, text: string, mend: boolean): Verdict {
  if (text.trim() === '') return { ok: false, problems: [{ path: '', message: 'has no JSON in it' }] }
  let value: unknown
  try {
    value = parseJson(text)
  } catch (error) {
    const why = error instanceof Error ? error.message : 'unknown'
    return { ok: false, problems: [{ path: '', message: `is not valid JSON: ${why.slice(0, 200)}` }] }
  }
  const validate = validatorOf(key)
  let errors = validate(value)
  if (errors.length === 0) return { ok: true, text }
  // With such keys numbers lose digits beyond those of a double when they are written again.
  if (mend && !hasHazardousKey(text)) {
    let precise: unknown = parsePreciseJson(text)
    for (let pass = 0; pass < mostPasses; pass += 1) {
      const better = coerced(precise, errors)
      if (better === undefined) break
      precise = better.value
      const written = JSON.stringify(precise)
      const left = validate(parseJson(written))
      if (left.length === 0) return { ok: true, text: written }
      errors = left
    }
  }
  return { ok: false, problems: problemsIn(errors) }
}

function problemsIn(errors: readonly ErrorObject[]): Problem[] {
  const problems = new Map<string, Problem>()
  for (const error of errors) {
    if (problems.size >= mostProblems) break
    const problem = { path: pathOf(error.instancePath), message: messageOf(error) }
    problems.set(`${problem.path} ${problem.message}`, problem)
  }
  return [...problems.values()]
}

function pathOf(pointer: string): string {
  let path = ''
  for (const step of pointer.split('/').slice(1)) {
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~')
    path = joinPath(path, /^\d+$/.test(key) ? Number(key) : key)
  }
  return path.slice(0, 300)
}

function messageOf({ message = 'is not valid', params }: ErrorObject): string {
  const { additionalProperty, allowedValues, allowedValue } = params as {
    readonly additionalProperty?: string
    readonly allowedValues?: readonly JsonValue[]
    readonly allowedValue?: JsonValue
  }
  const detail =
    additionalProperty ??
    (allowedValues === undefined ? allowedValue : allowedValues.map((v) => JSON.stringify(v)).join(', '))
  if (detail === undefined) return message
  return `${message} (${(typeof detail === 'string' ? detail : JSON.stringify(detail)).slice(0, 200)})`
}
