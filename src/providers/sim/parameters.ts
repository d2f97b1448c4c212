/**
 * Everything that can be asked of the simulator beside the request itself: behind a `?` in the model's name, or one by one in
 * `x-sim-…` headers, which come first. The one table; `docs/simulator.md` shows the same rows.
 */
import { SimProblem } from './problem.ts'

interface Parameter {
  /** What may stand behind the `=`, for people. */
  readonly values: string
  readonly about: string
  /** As the documentation shows them. A `detail` says how or when a fault happens, but is none itself. */
  readonly group: 'answer' | 'pace' | 'fault' | 'detail'
  /** The value, or `undefined` when the text is none. */
  readonly parse: (text: string) => number | boolean | string | undefined
}

const integer = (group: Parameter['group'], min: number, max: number, about: string): Parameter => ({
  values: `${min} … ${max}`,
  about,
  group,
  parse(text) {
    const value = Number(text)
    return /^\d{1,15}$/.test(text) && value >= min && value <= max ? value : undefined
  },
})

const decimal = (group: Parameter['group'], min: number, max: number, about: string): Parameter => ({
  values: `${min} … ${max}`,
  about,
  group,
  parse(text) {
    const value = Number(text)
    return /^\d{1,9}(\.\d{1,9})?$/.test(text) && value >= min && value <= max ? value : undefined
  },
})

const flag = (group: Parameter['group'], about: string): Parameter => ({
  values: 'nothing, `true` or `false`',
  about,
  group,
  parse: (text) =>
    text === '' || text === 'true' || text === '1' ? true : text === 'false' || text === '0' ? false : undefined,
})

const day = 86_400_000

export const parameterTable = {
  tokens: integer('answer', 1, 100_000, 'Tokens of text in the answer. The request’s own limit still holds.'),
  seed: integer(
    'answer',
    0,
    4_294_967_295,
    'Another answer to the same request. A `seed` in the request does the same.',
  ),
  calls: integer(
    'answer',
    0,
    16,
    'Tool calls made at once, when there are tools. Given, it always calls; `0` never does.',
  ),
  reasoning: integer('answer', 0, 100_000, 'Tokens of thinking before the answer, whether it was asked for or not.'),
  cached: integer(
    'answer',
    0,
    10_000_000,
    'Prompt tokens reported as read from the cache, instead of what the simulator remembers.',
  ),
  check_signatures: flag('answer', 'Refuses thinking blocks whose signature is not the simulator’s own for that text.'),
  ttft: integer('pace', 0, day, 'Milliseconds until the first token.'),
  tps: decimal('pace', 0.001, 1_000_000, 'Tokens per second from then on.'),
  chunk: integer('pace', 1, 10_000, 'Tokens in one chunk of a stream.'),
  latency: integer('fault', 0, day, 'Milliseconds before the head of the answer.'),
  status: integer('fault', 400, 599, 'Answers with this status and an error in the protocol’s shape.'),
  error: {
    values: 'a word',
    about: 'Type of that error, and its code in OpenAI’s protocol, instead of the usual one for the status.',
    group: 'detail',
    parse: (text) => (/^[a-z0-9_.-]{1,64}$/i.test(text) ? text : undefined),
  },
  retry_after: integer('detail', 0, 86_400, 'Seconds, in a `retry-after` header beside the error.'),
  after: integer(
    'detail',
    0,
    1_000_000,
    'Chunks of a stream that come before `status` or `stall` strikes; at first for `status`, after 3 for `stall`.',
  ),
  times: integer('detail', 0, 1_000_000, 'How often the fault happens before calls with the same model name succeed.'),
  rate: decimal('detail', 0, 1, 'Share of calls that it happens to, by chance.'),
  error_event: integer(
    'fault',
    0,
    1_000_000,
    'After so many chunks, an error inside the stream ends it. Not streamed: the error with status 200.',
  ),
  stall: {
    values: 'nothing, `forever` or 1 … 86400000',
    about: 'Stops in the middle for so many milliseconds, or for ever.',
    group: 'fault',
    parse(text) {
      if (text === '' || text === 'forever') return Infinity
      return /^\d{1,8}$/.test(text) && Number(text) >= 1 && Number(text) <= day ? Number(text) : undefined
    },
  },
  cut: integer(
    'fault',
    0,
    1_000_000,
    'Closes the connection after so many chunks. What is not streamed counts as eight chunks.',
  ),
  reset: flag('fault', 'Closes the connection before any answer.'),
  malformed: integer(
    'fault',
    1,
    1_000_000,
    'This chunk, counted from 1, is not valid JSON. Not streamed: the whole body breaks off.',
  ),
  content_type: {
    values: 'a media type',
    about: 'The content type of the answer. With `text/html` the body is a small page, as proxies send it.',
    group: 'fault',
    parse: (text) => (/^[a-z0-9!#$&^_.+-]+\/[a-z0-9!#$&^_.+-]+$/i.test(text) ? text : undefined),
  },
  trickle: integer('fault', 0, 60_000, 'Sends byte by byte, with so many milliseconds between two of them.'),
  empty: flag('fault', 'A status of 200 and nothing else.'),
  huge: integer(
    'fault',
    1,
    4_294_967_296,
    'Bytes by which the answer is padded, in a member of its first JSON object.',
  ),
  gzip: {
    values: 'nothing, `true`, `false` or `corrupt`',
    about: 'Compresses the answer, over HTTP only; `corrupt` breaks the compressed bytes.',
    group: 'fault',
    parse: (text) =>
      text === '' || text === 'true' ? 'true' : text === 'false' || text === 'corrupt' ? text : undefined,
  },
} as const satisfies Record<string, Parameter>

export type ParameterName = keyof typeof parameterTable

type Texts = 'error' | 'content_type' | 'gzip'
type Flags = 'check_signatures' | 'reset' | 'empty'

/** What was asked for; what was not is absent. `stall` is Infinity for ever. */
export type Parameters = { readonly [Name in Exclude<ParameterName, Texts | Flags>]?: number } & {
  readonly [Name in Texts]?: string
} & { readonly [Name in Flags]?: boolean }

export const parameterNames = Object.keys(parameterTable) as ParameterName[]

function isParameter(name: string): name is ParameterName {
  return Object.hasOwn(parameterTable, name)
}

const faultNames = parameterNames.filter((name) => parameterTable[name].group === 'fault')

/** Whether they ask for any fault at all. */
export function hasFault(parameters: Parameters): boolean {
  return faultNames.some((name) => parameters[name] !== undefined)
}

function read(name: string, text: string): number | boolean | string {
  if (!isParameter(name)) {
    throw new SimProblem(
      400,
      `The simulator has no parameter ${JSON.stringify(name)}. It has: ${parameterNames.join(', ')}.`,
      {
        param: 'model',
      },
    )
  }
  const { values, parse }: Parameter = parameterTable[name]
  const value = parse(text)
  if (value !== undefined) return value
  const list = parameterNames.map((one) => `${one} (${parameterTable[one].values})`).join(', ')
  throw new SimProblem(
    400,
    `The simulator's parameter ${name} takes ${values}, not ${JSON.stringify(text)}. All parameters: ${list}.`,
    { param: 'model' },
  )
}

const prefix = 'x-sim-'

/** The simulator's own headers, as one text that tells requests apart; empty, at no cost, for nearly every request. */
export function headerParameters(headers: Readonly<Record<string, string | string[] | undefined>>): string {
  let text = ''
  for (const name in headers) {
    if (!name.startsWith(prefix)) continue
    text += `${text === '' ? '' : '&'}${name.slice(prefix.length).replaceAll('-', '_')}=${encodeURIComponent(String(headers[name] ?? ''))}`
  }
  return text
}

/** Reads `a=1&b` into parameters, the later over the earlier. Throws a SimProblem that names all there are. */
export function readParameters(...queries: readonly string[]): Parameters {
  const parameters: Record<string, number | boolean | string> = {}
  for (const query of queries) {
    for (const [name, text] of new URLSearchParams(query)) parameters[name] = read(name, text.trim())
  }
  return parameters
}
