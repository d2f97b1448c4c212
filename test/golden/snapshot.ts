/**
 * How snapshots are written so that people can read them and their differences: JSON with what fits on a line on one line, streams as
 * their events, and long texts and lists by their ends, length and digest, which still tell any change.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { AwsEventMessage } from '../../src/bytes/aws-event-message.ts'
import { AwsEventReader } from '../../src/bytes/aws-event-reader.ts'
import type { StreamFraming } from '../../src/kernel/dialect.ts'
import { isJsonObject } from '../../src/model/json.ts'
import type { JsonValue } from '../../src/model/json.ts'

/** Set by whoever means to write the snapshots anew: `UPDATE_GOLDEN=1 npx vitest run test/golden`. CI never does. */
export const updating = process.env['UPDATE_GOLDEN'] === '1' && process.env['CI'] === undefined

/** The checked-in text; when updating, `text` is written and counts as checked in. Empty when there is none. */
export function snapshotAt(path: string, text: string): string {
  if (updating) {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
    return text
  }
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

const width = 120

/** JSON text, a value that fits on the rest of its line being written on it, and each event of a stream anyway. */
export function print(value: unknown): string {
  return `${printed(shorten(JSON.parse(JSON.stringify(value)) as JsonValue), '', 0)}\n`
}

function printed(value: JsonValue, indent: string, before: number): string {
  const flat = onOneLine(value)
  if (indent.length + before + flat.length < width) return flat
  const inner = `${indent}  `
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]'
    return `[\n${value.map((element) => inner + printed(element, inner, 1)).join(',\n')}\n${indent}]`
  }
  if (!isJsonObject(value)) return flat
  const members = Object.entries(value).map(([key, member]) => {
    const name = `${JSON.stringify(key)}: `
    const events = key === 'events' && Array.isArray(member)
    return inner + name + (events ? linePerEvent(member, inner) : printed(member ?? null, inner, name.length + 1))
  })
  return `{\n${members.join(',\n')}\n${indent}}`
}

const linePerEvent = (events: readonly JsonValue[], indent: string): string =>
  `[\n${events.map((event) => `${indent}  ${onOneLine(event)}`).join(',\n')}\n${indent}]`

function onOneLine(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(onOneLine).join(', ')}]`
  if (!isJsonObject(value)) return JSON.stringify(value)
  const members = Object.entries(value).map(([key, member]) => `${JSON.stringify(key)}: ${onOneLine(member ?? null)}`)
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`
}

const longestText = 600
const longestList = 40
const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16)

function shorten(value: JsonValue): JsonValue {
  if (typeof value === 'string') {
    if (value.length <= longestText) return value
    return `${value.slice(0, 60)} … ${value.slice(-60)} [${value.length} characters, sha256 ${digest(value)}]`
  }
  if (Array.isArray(value)) {
    if (value.length <= longestList) return value.map(shorten)
    const [head, tail] = [value.slice(0, 3), value.slice(-3)]
    const between = value.slice(3, -3)
    const told = `${between.length} more, sha256 ${digest(JSON.stringify(between))}`
    return [...head.map(shorten), { '…': told }, ...tail.map(shorten)]
  }
  if (!isJsonObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, shorten(member ?? null)]))
}

/** The events of a stream as they stand in it, data as JSON where it is JSON. */
export function eventsIn(bytes: Uint8Array, framing: StreamFraming): JsonValue[] {
  if (framing === 'binary') return new AwsEventReader().push(bytes).map(binaryEvent)
  const text = Buffer.from(bytes).toString('utf8')
  const separator = framing === 'lines' ? '\n' : '\n\n'
  return text
    .split(separator)
    .filter((event) => event !== '')
    .map((event) => (framing === 'lines' ? jsonOrText(event) : sseEvent(event)))
}

function binaryEvent({ headers, payload }: AwsEventMessage): JsonValue {
  const told = [...headers].map(([name, { value }]): [string, JsonValue] => [name, String(value)])
  return { ...Object.fromEntries(told), payload: jsonOrText(Buffer.from(payload).toString('utf8')) }
}

/** Data alone for events without a name; everything else by its field, or by what stands there bare. */
function sseEvent(text: string): JsonValue {
  if (text.startsWith('{')) return { bare: jsonOrText(text) }
  const lines = text.split('\n').filter((line) => line !== '')
  const fields = lines.map((line): [string, JsonValue] => {
    const [, name = '', value = ''] = /^([^:]*):? ?(.*)$/s.exec(line) ?? []
    return [name === '' ? 'comment' : name, name === 'data' ? jsonOrText(value) : value]
  })
  const [only] = fields
  return fields.length === 1 && only?.[0] === 'data' ? only[1] : Object.fromEntries(fields)
}

function jsonOrText(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue
  } catch {
    return text
  }
}
