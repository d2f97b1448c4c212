/** Turns what the schemas found wrong into problems that name the place, say it in plain words and suggest the nearest right name. */
import { z } from 'zod'
import type { ConfigDocument } from './document.ts'
import { nearest } from '../model/nearest.ts'
import { suggest } from './suggest.ts'
import { formatPath } from './problem.ts'
import type { ConfigPath, ConfigProblem } from './problem.ts'

type Issue = z.core.$ZodIssue

/** What a parsed value belongs to. */
export interface IssueContext {
  readonly document: ConfigDocument
  readonly schema: z.ZodType
  /** Where the parsed value stands in the document. */
  readonly path: ConfigPath
  /** Keys that the outermost map may have beside those of the schema, as another schema reads them. */
  readonly alsoKnown?: readonly string[]
}

/** The problems of one failed parse. */
export function problemsOf(error: z.ZodError, context: IssueContext): ConfigProblem[] {
  return error.issues.flatMap((issue) => describeIssue(issue, context))
}

function describeIssue(issue: Issue, context: IssueContext): ConfigProblem[] {
  const { document, schema } = context
  const path = [...context.path, ...steps(issue.path)]
  const problem = (at: ConfigPath, of: 'key' | 'value', message: string, hint?: string): ConfigProblem => ({
    path: formatPath(at),
    ...document.place(at, of),
    message,
    ...(hint === undefined ? {} : { hint }),
  })
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = [
        ...keysAt(schema, steps(issue.path)),
        ...(issue.path.length === 0 ? (context.alsoKnown ?? []) : []),
      ]
      return issue.keys.map((key) => problem([...path, key], 'key', 'is not a known key', suggest(key, known)))
    }
    case 'invalid_union': {
      // The branch meant is the one whose outermost type fits; its complaints are the useful ones.
      const fitting = issue.errors.filter((branch) => !branch.some(isRootMismatch))
      const [branch] = fitting
      if (fitting.length === 1 && branch !== undefined) {
        const inner = schemaAt(schema, steps(issue.path))
        return branch.flatMap((nested) => describeIssue(nested, { document, schema: inner ?? schema, path }))
      }
      const missing = valueAt(document, path) === undefined
      return [
        problem(
          path,
          'value',
          missing ? 'is missing' : issue.message === 'Invalid input' ? expected(issue) : issue.message,
        ),
      ]
    }
    case 'invalid_key':
      return issue.issues.map((nested) => problem(path, 'key', nested.message))
    case 'invalid_type': {
      if (valueAt(document, path) === undefined) return [problem(path, 'value', 'is missing')]
      const hint = issue.expected === 'string' ? 'put it in quotes' : undefined
      return [problem(path, 'value', `expected ${typeNames[issue.expected] ?? issue.expected}`, hint)]
    }
    case 'invalid_value': {
      const names = issue.values.map(String)
      const given = valueAt(document, path)
      if (given === undefined) return [problem(path, 'value', 'is missing')]
      const [likely] = document.secret(path) || typeof given !== 'string' ? [] : nearest(given, names)
      const hint = likely === undefined ? undefined : `did you mean \`${likely}\`?`
      return [problem(path, 'value', `must be ${names.map((name) => `\`${name}\``).join(' or ')}`, hint)]
    }
    case 'too_small':
      return [problem(path, 'value', issue.message.startsWith('Too small') ? emptiness(issue) : issue.message)]
    case 'custom': {
      const hint: unknown = issue.params?.['hint']
      return [problem(path, 'value', issue.message, typeof hint === 'string' ? hint : undefined)]
    }
    case 'invalid_format':
      return [
        problem(path, 'value', issue.message.startsWith('Invalid') ? `is not a valid ${issue.format}` : issue.message),
      ]
    case 'too_big':
      return [problem(path, 'value', issue.message.startsWith('Too big') ? excess(issue) : issue.message)]
    case 'not_multiple_of':
    case 'invalid_element':
      return [problem(path, 'value', issue.message)]
  }
}

const typeNames: Readonly<Record<string, string>> = {
  object: 'a map',
  record: 'a map',
  array: 'a list',
  string: 'text',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a number',
}

const isRootMismatch = (issue: Issue): boolean =>
  issue.path.length === 0 &&
  (issue.code === 'invalid_type' ||
    (issue.code === 'invalid_union' && issue.errors.every((branch) => branch.some(isRootMismatch))))

function expected(issue: Extract<Issue, { code: 'invalid_union' }>): string {
  const kinds = [...new Set(issue.errors.flat().flatMap(kindsOf))]
  return kinds.length === 0 ? 'has the wrong type' : `expected ${kinds.join(' or ')}`
}

function kindsOf(issue: Issue): string[] {
  if (issue.code === 'invalid_type') return [typeNames[issue.expected] ?? issue.expected]
  if (issue.code !== 'invalid_union') return []
  const named = /^expected (.*)$/.exec(issue.message)?.[1]
  return named === undefined ? issue.errors.flat().flatMap(kindsOf) : [named]
}

function emptiness(issue: Extract<Issue, { code: 'too_small' }>): string {
  return issue.minimum === 1 && (issue.origin === 'array' || issue.origin === 'string')
    ? 'must not be empty'
    : `must be ${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}`
}

function excess({ maximum, inclusive, origin }: Extract<Issue, { code: 'too_big' }>): string {
  const most = `${inclusive === false ? 'less than' : 'at most'} ${maximum}`
  if (origin === 'array') return `must have ${most} entries`
  return origin === 'string' ? `must have ${most} characters` : `must be ${most}`
}

/** What stands at the path: the issues themselves do not carry it, so that no secret gets into them. */
function valueAt(document: ConfigDocument, path: ConfigPath): unknown {
  let value: unknown = document.value
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return undefined
    value = (value as Record<string | number, unknown>)[step]
  }
  return value
}

const steps = (path: readonly PropertyKey[]): (string | number)[] =>
  path.map((step) => (typeof step === 'symbol' ? String(step) : step))

/** Names of the keys that a map at this path may have. */
function keysAt(schema: z.ZodType, path: ConfigPath): string[] {
  return objectsAt(schema, path).flatMap((object) => Object.keys(object.shape))
}

function schemaAt(schema: z.ZodType, path: ConfigPath): z.ZodType | undefined {
  return branchesAt(schema, path)[0]
}

function objectsAt(schema: z.ZodType, path: ConfigPath): z.ZodObject[] {
  return branchesAt(schema, path)
    .flatMap(unwrap)
    .filter((found) => found instanceof z.ZodObject)
}

function branchesAt(schema: z.ZodType, path: ConfigPath): z.ZodType[] {
  const [step, ...rest] = path
  if (step === undefined) return [schema]
  return unwrap(schema).flatMap((found) => {
    if (found instanceof z.ZodObject && typeof step === 'string') {
      const member = (found.shape as Record<string, z.ZodType>)[step]
      return member === undefined ? [] : branchesAt(member, rest)
    }
    if (found instanceof z.ZodRecord) return branchesAt(found.valueType as z.ZodType, rest)
    if (found instanceof z.ZodArray) return branchesAt(found.element as z.ZodType, rest)
    return []
  })
}

/** The schemas below defaults, options, transformations and unions. */
function unwrap(schema: z.ZodType): z.ZodType[] {
  if (schema instanceof z.ZodUnion) return (schema.options as z.ZodType[]).flatMap(unwrap)
  if (schema instanceof z.ZodPipe) return unwrap(schema.in as z.ZodType)
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault
  ) {
    return unwrap(schema.unwrap() as z.ZodType)
  }
  return [schema]
}
