/** Arguments become the object that `input` must be, whatever the model wrote, and big numbers keep their digits. */
import { describe, expect, it } from 'vitest'
import { ownInputOf, toolInputOf } from './tool-arguments.ts'

describe('the input of a tool call', () => {
  it('keeps the digits of big numbers', () => {
    expect(JSON.stringify(toolInputOf('{"id":12345678901234567890,"x":1.50}').input)).toBe(
      '{"id":12345678901234567890,"x":1.5}',
    )
  })

  it('is empty where there are no arguments', () => {
    for (const text of ['', ' ', 'null', '{}']) expect(toolInputOf(text)).toEqual({ input: {} })
  })

  it('puts what is no object into one, and says so', () => {
    expect(toolInputOf('[1]')).toMatchObject({ input: { input: [1] }, adapted: expect.any(String) })
    expect(toolInputOf('not JSON')).toMatchObject({ input: { input: 'not JSON' }, adapted: expect.any(String) })
    expect(toolInputOf('{"a":1}', 'custom')).toMatchObject({ input: { input: '{"a":1}' }, adapted: expect.any(String) })
  })

  it('ends arguments that broke off', () => {
    expect(toolInputOf('{"a":"b')).toMatchObject({ input: { a: 'b' }, adapted: expect.any(String) })
  })

  it("gives back this protocol's own input of any type", () => {
    expect(ownInputOf('[1,2]', 'any')).toEqual([1, 2])
    expect(ownInputOf('{}', 'absent')).toBeUndefined()
    expect(ownInputOf('{"a":1}', undefined)).toEqual({ a: 1 })
  })
})
