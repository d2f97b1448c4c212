/**
 * The cases of the golden matrix: what clients and providers can mean in a chat, told once, without any protocol's words. Each stands in
 * a file of its own, `chat/NAME.json`; this reads them, with the few notations that keep them short and neutral.
 */
import { readFileSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ChatEvent } from '../../src/model/chat-event.ts'
import type { ChatRequest, ChatResponse } from '../../src/model/chat.ts'
import { isJsonObject } from '../../src/model/json.ts'
import type { JsonObject, JsonValue } from '../../src/model/json.ts'

export const casesFolder = fileURLToPath(new URL('chat', import.meta.url))

interface CaseFile {
  /** The file's name. */
  readonly name: string
  /** The heading it stands under in the documentation. */
  readonly area: string
  /** Its place under that heading. */
  readonly order: number
  /** What it stands for, as the documentation calls it. */
  readonly feature: string
  /** One sentence. */
  readonly about: string
  /** Left out of the documentation, because it is not of a kind that one client and one provider can be asked about. */
  readonly undocumented?: boolean
  /** What the answer held comes back in the next request of the same client, as its protocol asks. */
  readonly returns?: boolean
  /**
   * A canonical request; `model`, `stream` and `messages` may be left out. Anywhere in it `{ "$repeat": text or list, "times": n }` stands
   * for a long text or the elements of a list, `{ "$join": texts }` for one text, `"$self"` for the dialect that speaks, and
   * `{ "$by": { dialect: value } }` for what each dialect says in words of its own.
   */
  readonly request?: JsonObject
  /** A canonical answer; `id`, `model`, `created` and `usage` may be left out. */
  readonly answer?: JsonObject
  /** The answer as providers of these dialects say it, where what was said in another's words is told with something lost. */
  readonly wire?: Readonly<Record<string, JsonObject>>
  /** The answer as a stream, where the order of its events is what matters. */
  readonly events?: JsonValue[]
  /** Faults, for the case that is about them. */
  readonly faults?: JsonValue[]
}

export interface GoldenCase extends Omit<CaseFile, 'request' | 'answer' | 'events'> {
  /** Whether `dialect` has words for it; of other dialects' words each stands for itself. */
  speaks(dialect: string): boolean
  /** The dialect whose words are used where `dialect` has none. */
  speaker(dialect: string): string
  request(dialect: string): ChatRequest | undefined
  answer(dialect: string): ChatResponse | undefined
  events(dialect: string): ChatEvent[] | undefined
}

export function readCases(): GoldenCase[] {
  return readdirSync(casesFolder)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => readCase(basename(file, '.json')))
}

export function readCase(name: string): GoldenCase {
  const file = JSON.parse(readFileSync(join(casesFolder, `${name}.json`), 'utf8')) as CaseFile
  if (file.name !== name) throw new Error(`chat/${name}.json: its name is ${file.name}`)
  const words = [...new Set(dialectsNamed([file.request, file.answer, file.events]))]
  const speaks = (dialect: string): boolean => words.length === 0 || words.includes(dialect)
  const speaker = (dialect: string): string => (speaks(dialect) ? dialect : (words[0] ?? dialect))
  return {
    ...file,
    speaks,
    speaker,
    request: memoized((dialect) => file.request && requestOf(expand(file.request, speaker(dialect)) as JsonObject)),
    answer: memoized((dialect) => file.answer && answerOf(expand(file.answer, speaker(dialect)) as JsonObject)),
    events: (dialect) => file.events && (expand(file.events, speaker(dialect)) as unknown as ChatEvent[]),
  }
}

/** The same for every pair that a dialect is of. */
export function memoized<T>(make: (dialect: string) => T): (dialect: string) => T {
  const made = new Map<string, T>()
  return (dialect) => {
    if (!made.has(dialect)) made.set(dialect, make(dialect))
    return made.get(dialect) as T
  }
}

const hello: ChatRequest['messages'] = [{ role: 'user', parts: [{ type: 'text', text: 'Hello' }] }]

function requestOf(json: JsonObject): ChatRequest {
  return { model: 'asked-model', stream: false, messages: hello, ...(json as object) }
}

function answerOf(json: JsonObject): ChatResponse {
  return {
    id: 'answer_1',
    model: 'answering-model',
    created: 1_767_225_600,
    choices: [],
    usage: { input: { total: 12 }, output: { total: 5 } },
    ...(json as object),
  }
}

function dialectsNamed(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(dialectsNamed)
  if (!isJsonObject(value)) return []
  const by = value['$by']
  return isJsonObject(by) ? Object.keys(by) : Object.values(value).flatMap(dialectsNamed)
}

function expand(value: JsonValue, self: string): JsonValue {
  if (value === '$self') return self
  if (Array.isArray(value)) return value.flatMap((element) => elementsOf(element, self))
  if (!isJsonObject(value)) return value
  const { $repeat: repeated, times, $by: by, $join: joined } = value
  if (typeof repeated === 'string') return repeated.repeat(Number(times))
  if (Array.isArray(joined))
    return joined.reduce<string>((text, piece) => `${text}${expand(piece, self) as string}`, '')
  if (isJsonObject(by)) return expand(by[self] ?? null, self)
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, expand(member ?? null, self)]))
}

/** What one element of a list stands for: itself, a list many times over, or nothing where the dialect has no words for it. */
function elementsOf(element: JsonValue, self: string): JsonValue[] {
  if (!isJsonObject(element)) return [expand(element, self)]
  const { $repeat: repeated, $by: by } = element
  if (isJsonObject(by) && by[self] === undefined) return []
  if (!Array.isArray(repeated)) return [expand(element, self)]
  const once = repeated.map((inner) => expand(inner, self))
  return Array.from({ length: Number(element['times']) }, () => once).flat()
}
