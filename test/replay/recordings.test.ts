/**
 * Answers of real services, recorded, served to the gateway in pieces that end anywhere and asked for through the official SDKs:
 * each shows what a plain reading of the recording says. The recordings are not part of the project; where there are none beside it,
 * there is nothing to do.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dialects } from '../../src/builtins.gen.ts'
import { writeAwsEvent } from '../../src/bytes/aws-event-message.ts'
import type { ChatDialect } from '../../src/kernel/dialect.ts'
import { sampled } from '../../src/kernel/testing/depth.ts'
import type { ChatEvent } from '../../src/model/chat-event.ts'
import type { ChatResponse } from '../../src/model/chat.ts'
import type { FinishReason } from '../../src/model/finish.ts'
import { Fault } from '../../src/model/fault.ts'
import { foldChat } from '../../src/model/fold-chat.ts'
import type { ToolCallPart } from '../../src/model/part.ts'
import { cutBytes, cutBytesAnywhere } from '../harness/cuts.ts'
import { clientKey, startGateway } from '../harness/gateway.ts'
import type { Gateway } from '../harness/gateway.ts'
import { sdkClients } from '../harness/sdk-clients.ts'
import type { Heard, HeardCall, SdkClient } from '../harness/sdk-clients.ts'
import { startUpstream } from '../harness/upstream.ts'
import type { Answer, Upstream } from '../harness/upstream.ts'

const place = new URL('../../../shared/recordings', import.meta.url).pathname

interface Source {
  readonly folder: string
  readonly dialect: string
  /** What the provider speaks besides: clients of it are answered in it, and never translated. */
  readonly speaks?: readonly string[]
  readonly provider: string
  readonly framed: (chunks: readonly string[]) => Buffer
}

const named = (chunks: readonly string[]): Buffer =>
  Buffer.from(
    chunks.map((chunk) => `event: ${(JSON.parse(chunk) as { type: string }).type}\ndata: ${chunk}\n\n`).join(''),
  )
const openaiStyle = (chunks: readonly string[]): Buffer =>
  Buffer.from(`${chunks.map((chunk) => `data: ${chunk}\n\n`).join('')}data: [DONE]\n\n`)
const crlf = (chunks: readonly string[]): Buffer =>
  Buffer.from(chunks.map((chunk) => `data: ${chunk}\r\n\r\n`).join(''))
const binary = (chunks: readonly string[]): Buffer =>
  Buffer.concat(
    chunks.flatMap((chunk) =>
      Object.entries(JSON.parse(chunk) as Record<string, unknown>).map(([type, payload]) =>
        writeAwsEvent({
          headers: new Map(
            [
              [':event-type', type],
              [':content-type', 'application/json'],
              [':message-type', 'event'],
            ].map(([name = '', value = '']) => [name, { type: 'string' as const, value }]),
          ),
          payload: Buffer.from(JSON.stringify(payload)),
        }),
      ),
    ),
  )

const compatible = 'use: openai-compatible, base_url: "{url}/v1"'
const sources: readonly Source[] = [
  {
    folder: 'anthropic',
    dialect: 'anthropic-messages',
    provider: 'use: anthropic, base_url: "{url}", credentials: sk-ant-test',
    framed: named,
  },
  {
    folder: 'bedrock-converse',
    dialect: 'bedrock-converse',
    provider: 'use: bedrock, region: us-east-1, base_url: "{url}", credentials: key-test',
    framed: binary,
  },
  {
    folder: 'cohere',
    dialect: 'cohere-chat',
    provider: 'use: cohere, base_url: "{url}", credentials: key-test',
    framed: named,
  },
  { folder: 'deepseek', dialect: 'openai-chat', provider: compatible, framed: openaiStyle },
  {
    folder: 'gemini',
    dialect: 'gemini',
    speaks: ['openai-chat'],
    provider: 'use: gemini, base_url: "{url}", credentials: key-test, protocol: gemini',
    framed: crlf,
  },
  { folder: 'mistral', dialect: 'openai-chat', provider: compatible, framed: openaiStyle },
  {
    folder: 'openai',
    dialect: 'openai-chat',
    speaks: ['openai-responses'],
    provider: 'use: openai, base_url: "{url}/v1", credentials: sk-test, protocol: openai-chat',
    framed: openaiStyle,
  },
  {
    folder: 'openai-responses',
    dialect: 'openai-responses',
    speaks: ['openai-chat'],
    provider: 'use: openai, base_url: "{url}/v1", credentials: sk-test, protocol: openai-responses',
    framed: named,
  },
  { folder: 'xai', dialect: 'openai-chat', provider: compatible, framed: openaiStyle },
]

interface Recording {
  readonly name: string
  readonly source: Source
  readonly dialect: ChatDialect
  readonly streamed: boolean
  readonly bytes: Buffer
}

function recordingsOf(source: Source): Recording[] {
  const dialect = (dialects as readonly unknown[] as readonly ChatDialect[]).find(({ id }) => id === source.dialect)
  const folder = join(place, source.folder)
  if (dialect === undefined || !existsSync(folder)) return []
  return readdirSync(folder).flatMap((file): Recording[] => {
    const bytes = readFileSync(join(folder, file))
    const streamed = file.endsWith('.chunks.txt')
    if (!streamed) return [{ name: file, source, dialect, streamed, bytes }]
    return answersIn(bytes.toString().split('\n').filter(Boolean)).map((chunks, index) => {
      const name = index === 0 ? file : `${file} (${index + 1})`
      return { name, source, dialect, streamed, bytes: source.framed(chunks) }
    })
  })
}

/** Some recordings hold several answers, one behind the other. */
function answersIn(chunks: readonly string[]): string[][] {
  const answers: string[][] = []
  for (const chunk of chunks) {
    const current = answers.at(-1)
    if (current === undefined || begins.test(chunk)) answers.push([chunk])
    else current.push(chunk)
  }
  return answers
}

const begins = /^\{"type": ?"(?:response\.created|message_start|message-start)"/

/** What an error came with: Google repeats it in the body, of others the kind tells it. */
function statusOf({ bytes }: Recording): number {
  const { error } = JSON.parse(bytes.toString()) as { error?: { code?: unknown; type?: unknown } | null }
  if (error === undefined || error === null) return 200
  if (typeof error.code === 'number') return error.code
  return error.type === 'invalid_request_error' ? 400 : 429
}

/** What the recording says, read without a gateway: an answer, or the fault that it tells. */
function said({ dialect, streamed, bytes }: Recording, status: number): ChatResponse | Fault {
  if (status >= 400) return dialect.fault.decode(status, JSON.parse(bytes.toString()), {})
  try {
    if (!streamed) return dialect.response.decode(JSON.parse(bytes.toString()))
    const decoder = dialect.stream?.decoder()
    const events: ChatEvent[] = decoder === undefined ? [] : [...decoder.push(bytes), ...decoder.end()]
    const failed = events.find((event) => event.type === 'error')
    return failed?.type === 'error' ? failed.fault : foldChat(events)
  } catch (error) {
    if (error instanceof Fault) return error
    throw error
  }
}

/** Google and Ollama have no word for a call of a tool. */
const finishes: Readonly<Record<string, Partial<Record<FinishReason, string>>>> = {
  'openai-chat': { stop: 'stop', length: 'length', 'tool-calls': 'tool_calls', refusal: 'content_filter' },
  'openai-responses': {
    stop: 'completed',
    length: 'max_output_tokens',
    'tool-calls': 'completed',
    refusal: 'content_filter',
  },
  'anthropic-messages': { stop: 'end_turn', length: 'max_tokens', 'tool-calls': 'tool_use', refusal: 'refusal' },
  gemini: { stop: 'STOP', length: 'MAX_TOKENS', 'tool-calls': 'STOP', refusal: 'SAFETY' },
}

function shownOf(response: ChatResponse, client: string): Heard {
  const [choice] = response.choices
  const parts = choice?.parts ?? []
  return {
    text: parts.map((part) => (part.type === 'text' ? part.text : '')).join(''),
    calls: parts.flatMap((part): HeardCall[] =>
      part.type === 'tool-call' ? [{ name: part.name, arguments: givenTo(client, part) }] : [],
    ),
    finish: finishes[client]?.[choice?.finish?.reason ?? 'other'],
    input: response.usage?.input.total,
    output: response.usage?.output.total,
  }
}

/** Free text stands in a member of its own where a protocol has objects only. */
function givenTo(client: string, { kind, arguments: text }: ToolCallPart): unknown {
  if (kind !== 'custom') return parsed(text)
  return client === 'anthropic-messages' || client === 'gemini' ? { input: text } : text
}

function parsed(text: string): unknown {
  try {
    return text === '' ? {} : JSON.parse(text)
  } catch {
    return text
  }
}

const recordings = sources.flatMap(recordingsOf)
const cuts: readonly (readonly [name: string, cut: (bytes: Buffer) => Buffer[]])[] = [
  ['whole', (bytes) => [bytes]],
  ['7 bytes', (bytes) => cutBytes(bytes, 7)],
  ['random', (bytes) => cutBytesAnywhere(bytes, 20_261_127)],
  ['1 byte', (bytes) => cutBytes(bytes, 1)],
]

describe.skipIf(recordings.length === 0)('recordings of real services', () => {
  let gateway: Gateway
  let upstream: Upstream
  let clients: SdkClient[] = []
  /** The same, without the gateway in between. */
  let direct: SdkClient[] = []

  beforeAll(async () => {
    upstream = await startUpstream()
    const lines = sources.map(
      ({ folder, provider }) => `  p-${folder}: { ${provider.replace('{url}', upstream.url)} }\n`,
    )
    gateway = await startGateway(`providers:\n${lines.join('')}retries: { rounds: 0 }`)
    clients = sdkClients({ url: gateway.url, key: clientKey })
    direct = sdkClients({ url: upstream.url, key: clientKey })
  })
  afterAll(async () => {
    await gateway[Symbol.asyncDispose]()
    await upstream.close()
  })

  const asking = ['openai-chat', 'openai-responses', 'anthropic-messages', 'gemini'] as const

  const recorded: { readonly name: string; readonly expected: ChatResponse | Fault }[] = []
  const clientOf = (list: readonly SdkClient[], dialect: string): SdkClient => {
    const client = list.find((one) => one.dialect === dialect)
    if (client === undefined) throw new Error(`there is no client of ${dialect}`)
    return client
  }

  const asked = recordings.flatMap((recording, row) =>
    asking
      .filter((client) => recording.source.speaks?.includes(client) !== true)
      .map((client, column) => ({ ...recording, recording, client, turn: row + column })),
  )

  it.each(asked)(
    '$source.folder/$name, asked through $client',
    async ({ recording, client, streamed, dialect, source, bytes, turn }) => {
      const status = streamed ? 200 : statusOf(recording)
      const expected = said(recording, status)
      const failed = expected instanceof Fault
      const contentType = streamed ? (dialect.stream?.contentType ?? '') : 'application/json'
      // Byte by byte is slow: long recordings go so to one client alone.
      const each = bytes.length < 3000 || client === 'anthropic-messages' ? cuts : cuts.slice(0, -1)
      for (const [name, cut] of streamed ? sampled(each, 4, turn) : cuts.slice(0, 1)) {
        upstream.answer(pieces(cut(bytes), status, contentType))
        const heard = await clientOf(clients, client).ask(`p-${source.folder}/a-model`, streamed)
        const own = client === dialect.id ? await clientOf(direct, client).ask('a-model', streamed) : undefined
        recorded.push({ name: `${recording.name}, ${name}, ${client}`, expected })
        if (failed)
          expect({ name, ...heard }).toMatchObject({
            name,
            error: { official: true, message: expect.stringMatching(/\w/) as unknown },
          })
        else expect({ name, ...heard }).toEqual({ name, ...(own ?? shownOf(expected, client)) })
      }
    },
  )

  it('are each in one record, which tells the same finish and usage', async () => {
    const records = await gateway.records()
    expect(records).toHaveLength(recorded.length)
    for (const [index, { name, expected }] of recorded.entries()) {
      expect({ name, ...records[index] }).toMatchObject({ name, ...toldOf(expected) })
    }
  })
})

function toldOf(expected: ChatResponse | Fault): Record<string, unknown> {
  if (expected instanceof Fault) return { outcome: 'fault', fault: expected.code }
  const { usage, choices } = expected
  const totals = usage && { usage: { input: { total: usage.input.total }, output: { total: usage.output.total } } }
  return { outcome: 'ok', finish: choices[0]?.finish?.reason, ...totals }
}

function pieces(chunks: readonly Buffer[], status: number, contentType: string): Answer {
  return async (response) => {
    response.writeHead(status, { 'content-type': contentType })
    for (const chunk of chunks) {
      response.write(chunk)
      await new Promise<void>((resolve) => {
        setImmediate(resolve)
      })
    }
    response.end()
  }
}
