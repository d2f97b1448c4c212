/** Conditions on a request, as the configuration writes them, compiled to a test that looks at nothing but what it is about. */
import { RE2JS } from 're2js'
import { z } from 'zod'
import type { JsonValue } from '../model/json.ts'
import { bestOf, inFlightAt } from './ranking.ts'
import { contentFeatures, StrategyProblem } from './strategy.ts'
import type { StrategyQuery, StrategyTarget } from './strategy.ts'

const scalar = z.union([z.string(), z.number(), z.boolean()])
type Scalar = z.infer<typeof scalar>

export interface Comparison {
  readonly field: string
  readonly eq?: Scalar | undefined
  readonly ne?: Scalar | undefined
  readonly in?: readonly Scalar[] | undefined
  readonly gt?: number | undefined
  readonly gte?: number | undefined
  readonly lt?: number | undefined
  readonly lte?: number | undefined
  readonly contains?: string | undefined
  readonly matches?: string | undefined
  readonly exists?: boolean | undefined
}

export type Condition =
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] }
  | { readonly not: Condition }
  | Comparison

const comparisonSchema = z.strictObject({
  field: z.string().min(1).describe('What of the request is looked at.'),
  eq: scalar.optional(),
  ne: scalar.optional(),
  in: z.array(scalar).optional(),
  gt: z.number().optional(),
  gte: z.number().optional(),
  lt: z.number().optional(),
  lte: z.number().optional(),
  contains: z.string().optional(),
  matches: z.string().optional(),
  exists: z.boolean().optional(),
})

export const conditionSchema: z.ZodType<Condition> = z
  .lazy(() =>
    z.union([
      z.strictObject({ all: z.array(conditionSchema).min(1) }),
      z.strictObject({ any: z.array(conditionSchema).min(1) }),
      z.strictObject({ not: conditionSchema }),
      comparisonSchema,
    ]),
  )
  .meta({
    id: 'condition',
    description:
      'A condition: `{ field: metadata.tier, eq: gold }` with `eq`, `ne`, `in`, `gt`, `gte`, `lt`, `lte`, `contains`, `matches` (RE2) or `exists`; or several, as `all: […]`, `any: […]` or `not: …`. [The fields](routing.md#fields).',
  })

/** Of a request at a target. */
export type Test = (query: StrategyQuery, target: StrategyTarget) => boolean
type Value = JsonValue | undefined

/** Throws a `StrategyProblem` for a field that there is not, and for a pattern that cannot be read. */
export function compileCondition(condition: Condition): Test {
  if ('all' in condition) {
    const tests = within(condition.all, 'all')
    return (query, target) => tests.every((test) => test(query, target))
  }
  if ('any' in condition) {
    const tests = within(condition.any, 'any')
    return (query, target) => tests.some((test) => test(query, target))
  }
  if ('not' in condition) {
    const test = below(condition.not, 'not')
    return (query, target) => !test(query, target)
  }
  return compileComparison(condition)
}

const within = (conditions: readonly Condition[], member: string): Test[] =>
  conditions.map((each, index) => below(each, member, index))

function below(condition: Condition, ...path: (string | number)[]): Test {
  try {
    return compileCondition(condition)
  } catch (error) {
    if (error instanceof StrategyProblem) throw new StrategyProblem(error.message, [...path, ...error.path])
    throw error
  }
}

function compileComparison({ field, ...wanted }: Comparison): Test {
  const read = readerOf(field)
  const tests = Object.entries(wanted)
    .filter(([, operand]) => operand !== undefined)
    .map(([operator, operand]) => compileOperator(operator as Operator, operand as never))
  if (tests.length === 0)
    throw new StrategyProblem(`says nothing of \`${field}\`: add \`eq\`, \`gt\`, \`contains\`, \`exists\` or another`)
  return (query, target) => {
    const value = read(query, target)
    return tests.every((test) => test(value))
  }
}

type Operator = Exclude<keyof Comparison, 'field'>

const operators: { readonly [O in Operator]: (operand: NonNullable<Comparison[O]>) => (value: Value) => boolean } = {
  eq: (operand) => (value) => same(value, operand),
  ne: (operand) => (value) => !same(value, operand),
  in: (operand) => (value) => operand.some((each) => same(value, each)),
  gt: (operand) => (value) => numberOf(value) > operand,
  gte: (operand) => (value) => numberOf(value) >= operand,
  lt: (operand) => (value) => numberOf(value) < operand,
  lte: (operand) => (value) => numberOf(value) <= operand,
  contains: (operand) => {
    const lower = operand.toLowerCase()
    return (value) =>
      Array.isArray(value)
        ? value.some((each) => same(each, operand))
        : typeof value === 'string' && value.toLowerCase().includes(lower)
  },
  matches: (operand) => {
    const pattern = patternOf(operand)
    return (value) => typeof value === 'string' && pattern.matcher(value.slice(0, longestMatched)).find()
  },
  exists: (operand) => (value) => (value !== undefined && value !== null && value !== '') === operand,
}

function compileOperator<O extends Operator>(
  operator: O,
  operand: NonNullable<Comparison[O]>,
): (value: Value) => boolean {
  return operators[operator](operand)
}

/** Characters that a pattern is tried on: what clients send must not keep the gateway busy. */
const longestMatched = 16_384

/** RE2 takes a time that grows with the text alone, whatever the pattern. */
function patternOf(source: string): RE2JS {
  try {
    return RE2JS.compile(source)
  } catch (error) {
    throw new StrategyProblem(error instanceof Error ? error.message : 'is no regular expression', ['matches'])
  }
}

/** Headers and metadata are text, whatever is meant by it. */
function same(value: Value, wanted: Scalar): boolean {
  if (value === undefined || value === null) return false
  return typeof value === 'object' ? false : String(value) === String(wanted)
}

function numberOf(value: Value): number {
  if (typeof value === 'number') return value
  return typeof value === 'string' && value.trim() !== '' ? Number(value) : NaN
}

type Reader = (query: StrategyQuery, target: StrategyTarget) => Value

const plainFields: Readonly<Record<string, Reader>> = {
  operation: ({ operation }) => operation,
  surface: ({ surface }) => surface,
  model: ({ model }) => model,
  stream: ({ stream }) => stream,
  end_user: ({ endUser }) => endUser,
  region: ({ region }) => region,
  text: ({ text }) => text,
  input_tokens: ({ inputTokens }) => inputTokens,
  max_output_tokens: ({ maxOutput }) => maxOutput,
  messages: ({ features }) => features.messages,
  'key.id': ({ key }) => key?.id,
  'key.name': ({ key }) => key?.name,
  ...Object.fromEntries(
    contentFeatures.map((name) => [`has.${name}`, ({ features }: StrategyQuery) => features[name]]),
  ),
  'target.latency': (_query, target) => bestOf(target, (signals) => signals.latency(0.5), 1),
  'target.ttft': (_query, target) => bestOf(target, (signals) => signals.ttft(0.5), 1),
  'target.throughput': (_query, target) => bestOf(target, (signals) => signals.throughput(), -1),
  'target.error_rate': (_query, target) => bestOf(target, (signals) => signals.errorRate(), 1),
  'target.health': (_query, target) => bestOf(target, (signals) => signals.health(), -1),
  'target.in_flight': (_query, target) => inFlightAt(target),
}

/** For the documentation: the fields, and the beginnings of those that go on with a name. */
export const conditionFields: readonly string[] = [
  ...Object.keys(plainFields),
  'key.metadata.NAME',
  'metadata.NAME',
  'header.NAME',
  'body.NAME',
]

function readerOf(field: string): Reader {
  const plain = Object.hasOwn(plainFields, field) ? plainFields[field] : undefined
  if (plain !== undefined) return plain
  const named = /^(key\.metadata|metadata|header|body)\.(.+)$/.exec(field)
  const name = named?.[2] ?? ''
  switch (named?.[1]) {
    case 'key.metadata':
      return ({ key }) => key?.metadata[name]
    case 'metadata':
      return ({ metadata }) => (Object.hasOwn(metadata, name) ? metadata[name] : undefined)
    case 'header':
      return (query) => query.header(name.toLowerCase())
    case 'body':
      return bodyReader(name.split('.'))
    default:
      throw new StrategyProblem(`there is no field \`${field}\`: there are ${conditionFields.join(', ')}`, ['field'])
  }
}

/** A member of the body, members of members behind dots. */
function bodyReader(names: readonly string[]): Reader {
  return ({ body }) => {
    let value: Value = body
    for (const name of names) {
      if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, name))
        return undefined
      value = (value as Readonly<Record<string, JsonValue>>)[name]
    }
    return value
  }
}
