/** What two answers to the same request have in common. Nothing of what they say goes into it, but how much and whether it is the same. */
import { parseJson } from '../../bytes/parse-json.ts'
import type { ChatResponse } from '../../model/chat.ts'
import type { Part } from '../../model/part.ts'
import type { ExchangeRecord, MirrorComparison } from '../../model/record.ts'

export interface ComparedAnswer {
  readonly record: Pick<
    ExchangeRecord,
    'deployment' | 'durationMs' | 'firstByteMs' | 'usage' | 'cost' | 'finish' | 'outcome'
  >
  /** Where it could be read. */
  readonly content: ChatResponse | undefined
}

/** The figures are the client's answer's, beside which the record has its own. */
export function compared(client: ComparedAnswer, mirror: ComparedAnswer): MirrorComparison {
  const { deployment, durationMs, firstByteMs, usage, cost, finish } = client.record
  return {
    ...(deployment !== undefined && { deployment }),
    durationMs,
    ...(firstByteMs !== undefined && { firstByteMs }),
    ...(usage !== undefined && { outputTokens: usage.output.total }),
    ...(cost !== undefined && { cost }),
    ...(finish !== undefined && { finish }),
    ...(mirror.record.outcome === 'ok' && contents(client.content, mirror.content)),
  }
}

function contents(client: ChatResponse | undefined, mirror: ChatResponse | undefined): Partial<MirrorComparison> {
  if (client === undefined || mirror === undefined) return {}
  const [mine, theirs] = [partsOf(client), partsOf(mirror)]
  const [text, mirrored] = [textOf(mine), textOf(theirs)]
  return {
    textLengths: [text.length, mirrored.length],
    sameText: text === mirrored,
    sameToolCalls: callsOf(mine) === callsOf(theirs),
  }
}

/** Clients that ask for several choices hear the first one first. */
const partsOf = ({ choices }: ChatResponse): readonly Part[] => choices[0]?.parts ?? []

const textOf = (parts: readonly Part[]): string =>
  parts.map((part) => (part.type === 'text' || part.type === 'refusal' ? part.text : '')).join('')

/** Ids differ from call to call, and so does how JSON is written. */
function callsOf(parts: readonly Part[]): string {
  return JSON.stringify(
    parts.flatMap((part) => (part.type === 'tool-call' ? [[part.name, normal(part.arguments)]] : [])),
  )
}

function normal(text: string): unknown {
  try {
    return sorted(parseJson(text))
  } catch {
    return text
  }
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.entries(value)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => [name, sorted(member)])
}
