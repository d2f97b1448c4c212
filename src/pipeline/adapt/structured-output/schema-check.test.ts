/** Answers are held to schemas, put right where nothing is lost, and hostile schemas hold up nobody. */
import { createRequire } from 'node:module'
import { Script } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import type { JsonObject } from '../../../model/json.ts'
import { longestSchema } from './compile-schema.ts'
import { schemaCheck } from './schema-check.ts'
import type { Verdict } from './schema-check.ts'

const check = (schema: JsonObject, value: unknown, mend = true): Verdict =>
  schemaCheck(schema).check(typeof value === 'string' ? value : JSON.stringify(value), mend)

const problemsOf = (verdict: Verdict): string[] =>
  verdict.ok ? [] : verdict.problems.map(({ path, message }) => `${path}: ${message}`)

const order: JsonObject = {
  type: 'object',
  properties: {
    id: { type: 'integer' },
    items: {
      type: 'array',
      items: {
        type: 'object',
        properties: { price: { type: 'number' }, size: { enum: ['s', 'l'] } },
        required: ['price'],
        additionalProperties: false,
      },
    },
    note: { type: ['string', 'null'] },
  },
  required: ['id', 'items'],
}

describe('holding an answer to a schema', () => {
  it('leaves the text of a right answer as it was written', () => {
    const text = '{ "id": 12345678901234567890,\n"items": [{"price": 1.50}] }'
    expect(check(order, text)).toEqual({ ok: true, text })
  })

  it('names the places that are wrong, and what is wrong there', () => {
    const verdict = check(order, { id: 1.5, items: [{ price: 1 }, { price: 'much', size: 'xl', colour: 'red' }] })
    expect(problemsOf(verdict)).toEqual([
      'id: must be integer',
      'items[1]: must NOT have additional properties (colour)',
      'items[1].price: must be number',
      'items[1].size: must be equal to one of the allowed values ("s", "l")',
    ])
  })

  it('says when there is no JSON, or half of it', () => {
    expect(problemsOf(check(order, ' '))).toEqual([': has no JSON in it'])
    expect(problemsOf(check(order, '{"id":'))).toEqual([expect.stringContaining(': is not valid JSON: ')])
  })

  it('knows older and newer drafts by their words', () => {
    const tuple = { items: [{ type: 'string' }], additionalItems: false }
    expect(check(tuple, '["a"]').ok).toBe(true)
    expect(check(tuple, '["a", 1]').ok).toBe(false)
    expect(check({ prefixItems: [{ type: 'string' }], items: false }, '["a", 1]').ok).toBe(false)
    const draft7 = { $schema: 'http://json-schema.org/draft-07/schema#', definitions: { n: { type: 'integer' } } }
    expect(check({ ...draft7, $ref: '#/definitions/n' }, '"x"').ok).toBe(false)
    const draft2020 = { $schema: 'https://json-schema.org/draft/2020-12/schema', $defs: { n: { type: 'integer' } } }
    expect(check({ ...draft2020, $id: 'https://x.example/n', $ref: '#/$defs/n' }, '"x"').ok).toBe(false)
    expect(check({ ...draft2020, $id: 'https://x.example/n', type: 'string' }, '"x"').ok).toBe(true)
  })

  it('does not take formats and unknown words for more than hints', () => {
    expect(check({ type: 'string', format: 'date-time', 'x-order': 1 }, '"soon"').ok).toBe(true)
  })

  it('compares items in no more than the time it takes to read them', () => {
    const many = Array.from({ length: 10_000 }, (_, id) => ({ id, tag: 'x' }))
    const unique = { type: 'array', uniqueItems: true }
    expect(check(unique, many).ok).toBe(true)
    expect(check(unique, [...many, { tag: 'x', id: 7 }]).ok).toBe(false)
  })
})

describe('putting types right', () => {
  it.each([
    ['a number in a text', { type: 'integer' }, '"3"', '3'],
    ['more digits than a double holds', { type: 'integer' }, '"12345678901234567890"', '12345678901234567890'],
    ['a fraction in a text', { type: 'number' }, '"-1.25e2"', '-125'],
    ['a truth value in a text', { type: 'boolean' }, '"true"', 'true'],
    ['nothing in a text', { type: ['integer', 'null'] }, '"null"', 'null'],
    ['a text that is a number', { type: 'string' }, '42', '"42"'],
    ['a text that is a long number', { type: 'string' }, '12345678901234567890', '"12345678901234567890"'],
    ['a text that is a truth value', { type: 'string' }, 'false', '"false"'],
    ['a list in a text', { type: 'array', items: { type: 'integer' } }, '"[1, \\"2\\"]"', '[1,2]'],
    ['an object in a text', { type: 'object' }, '"{\\"a\\":1}"', '{"a":1}'],
    ['one of several types', { anyOf: [{ type: 'integer' }, { type: 'null' }] }, '"7"', '7'],
  ])('turns %s into what was asked for', (_, schema, text, right) => {
    expect(check(schema, text)).toEqual({ ok: true, text: right })
    expect(check(schema, text, false).ok).toBe(false)
  })

  it.each([
    ['a fraction where a whole number is asked for', { type: 'integer' }, '"3.5"'],
    ['a number with words', { type: 'number' }, '"3 apples"'],
    ['nothing at all', { type: 'number' }, '""'],
    ['null for a text', { type: 'string' }, 'null'],
    ['a truth value for a number', { type: 'integer' }, 'true'],
    ['yes', { type: 'boolean' }, '"yes"'],
    ['a list for its only item', { type: 'string' }, '["a"]'],
    ['a hexadecimal number', { type: 'integer' }, '"0x10"'],
    ['a number out of range', { type: 'integer', maximum: 5 }, '"7"'],
  ])('does not guess: %s stays wrong', (_, schema, text) => {
    expect(check(schema, text).ok).toBe(false)
  })

  it('never changes what a value says', () => {
    fc.assert(
      fc.property(fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true })), (number) => {
        const verdict = check({ type: 'number' }, JSON.stringify(String(number + 0)))
        if (verdict.ok) expect(Number(verdict.text)).toBe(number + 0)
      }),
    )
  })
})

describe('schemas that mean harm, or none', () => {
  const nested = (depth: number): JsonObject => {
    const $defs: JsonObject = { [`d${depth}`]: { type: 'object' } }
    for (let level = 0; level < depth; level += 1)
      $defs[`d${level}`] = { allOf: [{ $ref: `#/$defs/d${level + 1}` }, { $ref: `#/$defs/d${level + 1}` }] }
    return { $ref: '#/$defs/d0', $defs }
  }

  it('stops patterns that take for ever', () => {
    const verdict = check({ type: 'string', pattern: '^(a+)+$' }, `"${'a'.repeat(60)}!"`)
    expect(problemsOf(verdict)).toEqual([expect.stringContaining('takes too long')])
  })

  it('stops references that multiply, or lead back to themselves', () => {
    expect(problemsOf(check(nested(60), '{}'))).toEqual([expect.stringContaining('takes too long')])
    expect(problemsOf(check({ $ref: '#' }, '{}'))).toEqual([expect.stringContaining('is unchecked')])
  })

  it.each([
    ['refers to another document', { $ref: 'https://schemas.example/order.json' }, /can't resolve reference/],
    ['is too long', { description: 'x'.repeat(longestSchema) }, /longer than/],
    ['has a pattern that is none', { type: 'string', pattern: '(' }, /Invalid regular expression/],
    ['has a type that is none', { type: 'text' }, /must be JSONType/],
  ])('refuses one that %s, every time', (_, schema, message) => {
    expect(() => schemaCheck(schema)).toThrow(message)
    expect(() => schemaCheck(schema)).toThrow(message)
  })

  it('compiles no code of theirs', () => {
    const hostile = {
      properties: { '"+process.exit()+"': { const: '`${process.exit()}`' }, __proto__: { type: 'string' } },
    }
    expect(check(JSON.parse(JSON.stringify(hostile)) as JsonObject, { a: 1 }).ok).toBe(true)
  })

  it.each([
    ['new', {}],
    ['older', { $schema: 'http://json-schema.org/draft-07/schema#' }],
  ])('cannot have the compiler for %s drafts interrupted while it is being loaded', (_, schema) => {
    const { cache } = createRequire(import.meta.url)
    const loaded = (): string[] => Object.keys(cache).filter((path) => path.includes('/node_modules/ajv/'))
    for (const path of loaded()) delete cache[path]
    const loadedWithin: string[][] = []
    const runInContext = Reflect.get(Script.prototype, 'runInContext') as (this: Script, ...given: unknown[]) => unknown
    vi.spyOn(Script.prototype, 'runInContext').mockImplementation(function run(this: Script, ...given) {
      const before = new Set(loaded())
      const value = Reflect.apply(runInContext, this, given)
      loadedWithin.push(loaded().filter((path) => !before.has(path)))
      return value
    })
    expect(check({ ...schema, title: 'compiled here for the first time', type: 'string' }, '"x"').ok).toBe(true)
    expect(loaded()).not.toEqual([])
    expect(loadedWithin.flat()).toEqual([])
    expect(loadedWithin).not.toEqual([])
  })
})
