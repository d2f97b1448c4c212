/** Generated instances satisfy their schema, judged by a validator of other hands; hostile schemas end in a refusal, not in a hang. */
import { Ajv2020 } from 'ajv/dist/2020.js'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { SimProblem } from './problem.ts'
import { drawInstance } from './schema-instance.ts'
import { seeded } from './seeded.ts'

const ajv = new Ajv2020({ strict: false, validateFormats: false, logger: false })

/** The first few instances that do not satisfy the schema. */
function failures(schema: JsonObject | boolean, seeds = 25): unknown[] {
  const validate = ajv.compile(schema)
  const wrong: unknown[] = []
  for (let seed = 0; seed < seeds && wrong.length < 3; seed++) {
    const instance = drawInstance(schema, seeded(seed))
    if (!validate(instance)) wrong.push({ instance, errors: validate.errors })
  }
  return wrong
}

const node: JsonObject = {
  type: 'object',
  properties: {
    value: { type: 'integer' },
    children: { type: 'array', items: { $ref: '#/$defs/node' } },
    next: { anyOf: [{ $ref: '#/$defs/node' }, { type: 'null' }] },
  },
  required: ['value', 'children', 'next'],
  additionalProperties: false,
}

const schemas: readonly (readonly [string, JsonObject])[] = [
  ['an empty schema', {}],
  [
    'a flat object',
    { type: 'object', properties: { city: { type: 'string' }, days: { type: 'integer' } }, required: ['city'] },
  ],
  [
    'constants and enumerations',
    { type: 'object', properties: { a: { const: null }, b: { enum: [1, 'x', { y: [] }] } }, required: ['a', 'b'] },
  ],
  ['bounds on integers', { type: 'integer', minimum: 7, exclusiveMaximum: 9 }],
  ['bounds on numbers', { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 0.001 }],
  ['only an upper bound', { type: 'number', maximum: -5.5 }],
  ['multiples', { type: 'integer', multipleOf: 7, minimum: 50, maximum: 60 }],
  ['fractions as multiples', { type: 'number', multipleOf: 0.1, minimum: 0, maximum: 1 }],
  ['lengths of text', { type: 'string', minLength: 70, maxLength: 72 }],
  ['short text', { type: 'string', maxLength: 3 }],
  ['a pattern', { type: 'string', pattern: '^[A-Z]{3}-\\d{4}(-(x|yy)+)?$' }],
  ['a pattern with a length', { type: 'string', pattern: '^[a-f]+$', minLength: 4, maxLength: 12 }],
  ['arrays with bounds', { type: 'array', items: { type: 'boolean' }, minItems: 5, maxItems: 5 }],
  ['arrays of different items', { type: 'array', items: { enum: ['a', 'b', 'c'] }, uniqueItems: true, minItems: 3 }],
  ['tuples', { type: 'array', prefixItems: [{ type: 'string' }, { type: 'integer' }], items: false, minItems: 2 }],
  ['arrays that contain', { type: 'array', items: { type: 'integer' }, contains: { minimum: 1000 }, minContains: 2 }],
  [
    'nested objects',
    {
      type: 'object',
      required: ['a'],
      properties: {
        a: {
          type: 'object',
          required: ['b'],
          properties: {
            b: { type: 'array', items: { type: 'object', required: ['c'], properties: { c: { type: 'null' } } } },
          },
        },
      },
    },
  ],
  ['a type among several', { type: ['string', 'null'] }],
  [
    'alternatives',
    {
      anyOf: [
        { type: 'string', maxLength: 4 },
        { type: 'object', required: ['k'], properties: { k: { const: 1 } } },
      ],
    },
  ],
  [
    'exclusive alternatives',
    {
      oneOf: [
        { type: 'object', required: ['kind'], properties: { kind: { const: 'a' } } },
        { type: 'object', required: ['kind'], properties: { kind: { const: 'b' } } },
      ],
    },
  ],
  [
    'alternatives with common members',
    {
      type: 'object',
      properties: { id: { type: 'integer' } },
      required: ['id'],
      anyOf: [
        { required: ['x'], properties: { x: { type: 'string' } } },
        { required: ['y'], properties: { y: { type: 'boolean' } } },
      ],
    },
  ],
  [
    'everything of several',
    {
      allOf: [
        { type: 'object', properties: { a: { type: 'integer', minimum: 3 } }, required: ['a'] },
        { properties: { a: { maximum: 4 }, b: { type: 'string' } }, required: ['b'] },
      ],
    },
  ],
  [
    'definitions',
    { $defs: { color: { enum: ['red', 'blue'] } }, type: 'array', items: { $ref: '#/$defs/color' }, minItems: 2 },
  ],
  [
    'a reference with neighbours',
    {
      $defs: { n: { type: 'integer' } },
      type: 'object',
      properties: { a: { $ref: '#/$defs/n', minimum: 500 } },
      required: ['a'],
    },
  ],
  [
    'older definitions',
    {
      definitions: { 'a/b': { type: 'integer' } },
      type: 'object',
      properties: { x: { $ref: '#/definitions/a~1b' } },
      required: ['x'],
    },
  ],
  ['recursion', { $defs: { node }, $ref: '#/$defs/node' }],
  [
    'recursion into itself',
    { type: 'object', properties: { self: { anyOf: [{ $ref: '#' }, { type: 'null' }] } }, required: ['self'] },
  ],
  ['required members without a schema', { type: 'object', required: ['free'] }],
  ['other members', { type: 'object', additionalProperties: { type: 'integer' }, minProperties: 3 }],
  ['few members', { type: 'object', properties: { a: {}, b: {}, c: {}, d: {} }, maxProperties: 1 }],
  [
    'members that need each other',
    { type: 'object', properties: { a: {}, b: { type: 'integer' } }, required: ['a'], dependentRequired: { a: ['b'] } },
  ],
  [
    'a member named like a method',
    {
      type: 'object',
      properties: { toString: { type: 'integer' }, ['__proto__x']: { type: 'string' } },
      required: ['toString'],
    },
  ],
]

describe('a generated instance', () => {
  it.each(schemas)('satisfies %s', (_name, schema) => {
    expect(failures(schema)).toEqual([])
  })

  it('satisfies any schema composed of the usual keywords', () => {
    const { schema } = fc.letrec<{ schema: JsonObject }>((tie) => ({
      schema: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        fc.record({ type: fc.constantFrom('boolean', 'null', 'string', 'integer', 'number') }),
        fc.record({
          enum: fc.uniqueArray(fc.oneof(fc.string(), fc.integer(), fc.boolean()), { minLength: 1, maxLength: 4 }),
        }),
        fc.record({ const: fc.oneof(fc.string(), fc.integer()) }),
        fc
          .tuple(fc.integer({ min: -1000, max: 1000 }), fc.nat(50))
          .map(([low, size]) => ({ type: 'integer', minimum: low, maximum: low + size })),
        fc
          .tuple(fc.nat(30), fc.nat(30))
          .map(([low, size]) => ({ type: 'string', minLength: low, maxLength: low + size })),
        fc
          .tuple(tie('schema'), fc.nat(3), fc.nat(3))
          .map(([items, low, size]) => ({ type: 'array', items, minItems: low, maxItems: low + size })),
        fc.array(tie('schema'), { minLength: 1, maxLength: 3 }).map((anyOf) => ({ anyOf })),
        fc
          .tuple(
            fc.dictionary(fc.stringMatching(/^[a-z]{1,6}$/), tie('schema'), { maxKeys: 4 }),
            fc.boolean(),
            fc.nat(),
          )
          .map(([properties, closed, pick]) => ({
            type: 'object',
            properties,
            required: Object.keys(properties).filter((_key, index) => (pick >> index) % 2 === 1),
            ...(closed && { additionalProperties: false }),
          })),
      ) as fc.Arbitrary<JsonObject>,
    }))
    fc.assert(
      fc.property(schema, fc.nat(), (one, seed) => {
        const validate = new Ajv2020({ strict: false, validateFormats: false, logger: false }).compile(one)
        const instance = drawInstance(one, seeded(seed))
        validate(instance)
        expect({ instance, errors: validate.errors }).toEqual({ instance, errors: null })
      }),
      { numRuns: 60 },
    )
  })

  it('is the same for the same seed and another for another', () => {
    const schema: JsonObject = { type: 'array', items: { type: 'integer', maximum: 1e9, minimum: 0 }, minItems: 4 }
    expect(drawInstance(schema, seeded(1))).toEqual(drawInstance(schema, seeded(1)))
    expect(drawInstance(schema, seeded(1))).not.toEqual(drawInstance(schema, seeded(2)))
  })

  it.each([
    ['date-time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/],
    ['date', /^\d{4}-\d\d-\d\d$/],
    ['time', /^\d\d:\d\d:\d\dZ$/],
    ['duration', /^PT\d+M$/],
    ['email', /^[^@\s]+@[^@\s]+\.com$/],
    ['hostname', /^[a-z0-9.]+$/],
    ['ipv4', /^(\d{1,3}\.){3}\d{1,3}$/],
    ['ipv6', /^[0-9a-f:]+$/],
    ['uuid', /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/],
    ['uri', /^https:\/\/\S+$/],
  ])('has the format %s', (format, expected) => {
    for (let seed = 0; seed < 20; seed++)
      expect(drawInstance({ type: 'string', format }, seeded(seed))).toMatch(expected)
  })

  it('keeps a member named __proto__ a member', () => {
    const schema = JSON.parse(
      '{"type":"object","properties":{"__proto__":{"const":1}},"required":["__proto__"]}',
    ) as JsonObject
    expect(JSON.stringify(drawInstance(schema, seeded(1)))).toBe('{"__proto__":1}')
  })
})

describe('a hostile schema', () => {
  const nested = (depth: number): JsonValue =>
    depth === 0 ? { type: 'string' } : { type: 'array', minItems: 1000, items: nested(depth - 1) }
  it.each<[string, JsonValue]>([
    [
      'endless nesting',
      {
        $defs: { a: { type: 'object', required: ['a'], properties: { a: { $ref: '#/$defs/a' } } } },
        $ref: '#/$defs/a',
      },
    ],
    ['a reference to itself', { $defs: { a: { $ref: '#/$defs/a' } }, $ref: '#/$defs/a' }],
    ['an endless array', { type: 'array', minItems: 1e9 }],
    ['arrays of arrays', nested(5)],
    ['endless text', { type: 'string', minLength: 1e9 }],
    ['endlessly many members', { type: 'object', minProperties: 1e9 }],
    ['a reference to nowhere', { $ref: '#/$defs/missing' }],
    ['a reference to elsewhere', { $ref: 'https://example.com/schema.json' }],
  ])('with %s is refused', (_name, schema) => {
    expect(() => drawInstance(schema, seeded(1))).toThrow(SimProblem)
  })

  it.each(['(a+)+$', '(((((a{1000}){1000}){1000})))', '(?=x)y', '\\bx', '(', '[z-a]', '*', '\\1', '[^ -~]'])(
    'with the pattern %j costs nothing and gives some text',
    (pattern) => {
      expect(typeof drawInstance({ type: 'string', pattern }, seeded(1))).toBe('string')
    },
  )
})
