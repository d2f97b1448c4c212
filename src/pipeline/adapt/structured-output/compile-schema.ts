/**
 * JSON schemas of clients, compiled to validators and kept. They come from outside, so their size, the time to compile one and the
 * time to run it are bounded, and nothing they refer to is ever fetched.
 */
import { createRequire } from 'node:module'
import type { Ajv, ErrorObject, ValidateFunction } from 'ajv'
import type { Ajv2020 } from 'ajv/dist/2020.js'
import { parseJson } from '../../../bytes/parse-json.ts'
import type { JsonObject, JsonValue } from '../../../model/json.ts'
import { isJsonObject } from '../../../model/json.ts'
import { tooLong, within } from './time-box.ts'

/** What is wrong with a value; empty when nothing is. */
export type Validator = (value: unknown) => readonly ErrorObject[]

/** The schema is not one that values can be held to; the message says why, as the end of a sentence about it. */
export class UnusableSchema extends Error {
  override readonly name = 'UnusableSchema'
}

/** Characters of a schema's JSON. */
export const longestSchema = 131_072
const compileLimit = 500
const validateLimit = 250
const mostKept = 200
/** Characters of all schemas that are kept. */
const mostKeptText = 4_194_304

/** In order of use, the latest last. What cannot be used is remembered too: finding out may have been dear. */
const kept = new Map<string, Validator | UnusableSchema>()
let keptText = 0

/** `text` is the schema's JSON. Throws `UnusableSchema`. */
export function validatorOf(text: string): Validator {
  const known = kept.get(text) ?? compiled(text)
  kept.delete(text)
  kept.set(text, known)
  if (known instanceof UnusableSchema) throw known
  return known
}

function compiled(text: string): Validator | UnusableSchema {
  if (text.length > longestSchema)
    throw new UnusableSchema(`is longer than the ${longestSchema} characters that the gateway checks answers against`)
  let made: Validator | UnusableSchema
  try {
    made = compile(text)
  } catch (error) {
    made = error instanceof UnusableSchema ? error : new UnusableSchema(`does not work: ${messageOf(error)}`)
  }
  keptText += text.length
  for (const oldest of kept.keys()) {
    if (kept.size < mostKept && keptText <= mostKeptText) break
    kept.delete(oldest)
    keptText -= oldest.length
  }
  return made
}

function compile(text: string): Validator {
  // Parsed anew: what the request holds may have numbers in a form of their own, to keep their digits.
  const schema = parseJson(text)
  if (!isJsonObject(schema)) throw new UnusableSchema('is not an object')
  const { $schema: dialect, ...rest } = schema
  // Loaded outside of the box: a module whose loading is interrupted stays half a module for as long as the process runs.
  const compiler = compilerOf(isOlder(dialect, rest))
  const validate = within(compileLimit, () => newAjv(compiler).compile(rest))
  if (validate === tooLong) throw new UnusableSchema('takes too long to compile')
  return (value) => run(validate, value)
}

function run(validate: ValidateFunction, value: unknown): readonly ErrorObject[] {
  let valid: unknown
  try {
    valid = within(validateLimit, () => validate(value))
  } catch (error) {
    throw new UnusableSchema(`cannot be checked against: ${messageOf(error)}`)
  }
  if (valid === tooLong) throw new UnusableSchema('takes too long to check the answer against')
  return valid === true ? [] : (validate.errors ?? [])
}

const load = createRequire(import.meta.url)

/** Loaded when it is first needed, which most gateways never do. */
function compilerOf(older: boolean): typeof Ajv | typeof Ajv2020 {
  if (older) return (load('ajv') as { readonly Ajv: typeof Ajv }).Ajv
  return (load('ajv/dist/2020.js') as { readonly Ajv2020: typeof Ajv2020 }).Ajv2020
}

/** One for each schema, so that ids of one client's schema mean nothing to another's, and go when it goes. */
function newAjv(compiler: typeof Ajv | typeof Ajv2020) {
  const ajv = new compiler({
    strict: false,
    validateFormats: false,
    validateSchema: false,
    meta: false,
    logger: false,
    allErrors: true,
    inlineRefs: false,
  })
  // The usual way compares every item with every other.
  ajv.removeKeyword('uniqueItems')
  ajv.addKeyword({
    keyword: 'uniqueItems',
    type: 'array',
    schemaType: 'boolean',
    error: { message: 'must not have two items that are equal' },
    validate: (wanted: boolean, items: readonly JsonValue[]) =>
      !wanted || new Set(items.map(canonical)).size === items.length,
  })
  return ajv
}

/** Equal for equal values, in whatever order their members stand. */
function canonical(value: JsonValue | undefined): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (!isJsonObject(value)) return JSON.stringify(value) ?? ''
  const keys = Object.keys(value).sort()
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(',')}}`
}

/** Draft 7 and before spelled tuples and dependencies otherwise; schemas that do not name their draft are known by that. */
function isOlder(dialect: JsonValue | undefined, schema: JsonObject): boolean {
  if (typeof dialect === 'string') return /draft-0[4-7]/.test(dialect)
  return hasOlderWords(schema, 0)
}

/** Deep enough for any schema that a person reads. */
const deepestLook = 64

function hasOlderWords(value: JsonValue | undefined, depth: number): boolean {
  if (depth > deepestLook) return false
  if (Array.isArray(value)) return value.some((item) => hasOlderWords(item, depth + 1))
  if (!isJsonObject(value)) return false
  if (Array.isArray(value['items']) || isJsonObject(value['dependencies'])) return true
  return Object.entries(value).some(
    ([key, inner]) => !data.has(key) && typeof inner === 'object' && hasOlderWords(inner, depth + 1),
  )
}

/** Members of schemas that hold values, not schemas. */
const data: ReadonlySet<string> = new Set(['const', 'enum', 'default', 'examples'])

const messageOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, ' ').slice(0, 300)
