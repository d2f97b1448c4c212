/** Schemas of other protocols are made fit for structured output, and every change is told. */
import { describe, expect, it } from 'vitest'
import { fitSchema } from './output-schema.ts'

describe('a schema for structured output', () => {
  it('stays as it is when it is fit', () => {
    const schema = {
      type: 'object',
      properties: { minimum: { type: 'string' } },
      required: ['minimum'],
      additionalProperties: false,
    }
    expect(fitSchema(schema)).toEqual({ schema, changes: [] })
  })

  it('closes objects at every depth and leaves out refused constraints', () => {
    const { schema, changes } = fitSchema({
      type: 'object',
      properties: {
        list: {
          type: 'array',
          minItems: 3,
          items: { type: 'object', properties: { n: { type: 'integer', minimum: 1 } } },
        },
      },
      $defs: { a: { anyOf: [{ type: 'object' }, { type: 'string', maxLength: 3 }] } },
      additionalProperties: true,
    })
    expect(schema).toEqual({
      type: 'object',
      properties: {
        list: {
          type: 'array',
          items: { type: 'object', properties: { n: { type: 'integer' } }, additionalProperties: false },
        },
      },
      $defs: { a: { anyOf: [{ type: 'object', additionalProperties: false }, { type: 'string' }] } },
      additionalProperties: false,
    })
    expect(changes).toEqual(
      expect.arrayContaining([
        'without minItems',
        'without minimum',
        'without maxLength',
        'objects take no further members',
      ]),
    )
  })
})
