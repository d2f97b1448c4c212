/**
 * Typed reads of JSON that came from outside: each either gives the type that the protocol asks for or throws a Fault that names
 * the field, what was expected and what came.
 */
import { Fault, invalidRequest } from '../../model/fault.ts'
import { isJsonObject } from '../../model/json.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'

function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'an object'
  if (typeof value === 'string') return 'a string'
  return typeof value === 'number' ? 'a number' : 'a boolean'
}

function mismatch(path: string, expected: string, value: unknown): Fault {
  if (value === undefined) return invalidRequest(path, `${path} is required: ${expected}.`)
  return invalidRequest(path, `${path} must be ${expected}, not ${kindOf(value)}.`)
}

export function readObject(value: unknown, path: string): JsonObject {
  if (!isJsonObject(value)) throw mismatch(path, 'an object', value)
  return value
}

export function readList(value: unknown, path: string, expected = 'a list'): JsonValue[] {
  if (!Array.isArray(value)) throw mismatch(path, expected, value)
  return value as JsonValue[]
}

export function readString(value: unknown, path: string): string {
  if (typeof value !== 'string') throw mismatch(path, 'a string', value)
  return value
}

export function readNumber(value: unknown, path: string): number {
  if (typeof value !== 'number') throw mismatch(path, 'a number', value)
  return value
}

export function readBoolean(value: unknown, path: string): boolean {
  if (typeof value !== 'boolean') throw mismatch(path, 'true or false', value)
  return value
}

/** A count: a whole number that is not negative. */
export function readCount(value: unknown, path: string): number {
  const number = readNumber(value, path)
  if (!Number.isSafeInteger(number) || number < 0)
    throw invalidRequest(path, `${path} must be a whole number of 0 or more, not ${number}.`)
  return number
}

/** Reads what may be left out; `null` counts as left out. */
export function optional<T>(value: unknown, path: string, read: (value: unknown, path: string) => T): T | undefined {
  return value === undefined || value === null ? undefined : read(value, path)
}

/** Runs a decoder of something that a provider sent: what is wrong with it is the provider's fault, not the client's. */
export function asProviders<T>(decode: () => T): T {
  try {
    return decode()
  } catch (error) {
    if (error instanceof Fault && error.side === 'client') {
      throw new Fault('provider_malformed', `The provider's answer is not of the Messages API: ${error.message}`, {
        cause: error,
      })
    }
    throw error
  }
}
