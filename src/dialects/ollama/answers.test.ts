/** Answers and streams on their way from and to other protocols: times, metrics, calls without ids, and what has no place. */
import { describe, expect, it } from 'vitest'
import { Body } from '../../kernel/body.ts'
import type { ChatDialect } from '../../kernel/dialect.ts'
import type { ChatEvent } from '../../model/chat-event.ts'
import type { ChatResponse, Choice } from '../../model/chat.ts'
import { Fault } from '../../model/fault.ts'
import type { JsonObject } from '../../model/json.ts'
import type { Part } from '../../model/part.ts'
import { ollamaChat, ollamaGenerate } from './index.ts'

const codecOf = ({ stream }: ChatDialect) => {
  if (stream === undefined) throw new Error('the dialect has streams')
  return stream
}
const answer = (
  parts: readonly Part[],
  more: Partial<ChatResponse> = {},
  choice: Partial<Choice> = {},
): ChatResponse => ({
  id: 'msg_1',
  model: 'claude',
  created: 1_770_000_000,
  choices: [{ index: 0, parts, finish: { reason: 'stop' }, ...choice }],
  ...more,
})
const encode = (response: ChatResponse, dialect = ollamaChat) => {
  const { json, lost } = dialect.response.encode(response, { model: 'claude' })
  return { json: json as JsonObject, losses: lost.map(({ path, kind }) => `${path} ${kind}`) }
}
const thought: Part = { type: 'reasoning', text: 'Hm.', origin: 'anthropic-messages', signature: 'sig' }
const spoken: Part = { type: 'text', text: 'Hello' }

describe('an answer of another protocol', () => {
  it('has what clients of Ollama look for, and counts without durations that nobody measured', () => {
    const usage = { input: { total: 12, cacheRead: 4 }, output: { total: 3 } }
    expect(encode(answer([spoken], { usage }))).toEqual({
      json: {
        model: 'claude',
        created_at: '2026-02-02T02:40:00.000Z',
        message: { role: 'assistant', content: 'Hello' },
        done: true,
        done_reason: 'stop',
        prompt_eval_count: 12,
        prompt_eval_cached_count: 4,
        eval_count: 3,
      },
      losses: [],
    })
    expect(encode(answer([spoken]), ollamaGenerate).json).toEqual({
      model: 'claude',
      created_at: '2026-02-02T02:40:00.000Z',
      response: 'Hello',
      done: true,
      done_reason: 'stop',
    })
  })

  it('shows its reasoning, without the signature that has no place', () => {
    expect(encode(answer([thought, spoken]))).toMatchObject({
      json: { message: { thinking: 'Hm.', content: 'Hello' } },
      losses: ['choices[0].content[0].signature dropped'],
    })
    const hidden: Part = { type: 'reasoning', text: '', encrypted: 'x', origin: 'anthropic-messages' }
    expect(encode(answer([hidden])).losses).toEqual(['choices[0].content[0] dropped'])
  })

  it('says stop for calls of tools, as Ollama does, and with every id', () => {
    const call: Part = { type: 'tool-call', id: 'call_1', name: 'now', arguments: '{"zone":"CET"}' }
    expect(encode(answer([call], {}, { finish: { reason: 'tool-calls' } }))).toMatchObject({
      json: {
        message: { tool_calls: [{ id: 'call_1', function: { index: 0, name: 'now', arguments: { zone: 'CET' } } }] },
        done_reason: 'stop',
      },
      losses: [],
    })
    expect(encode(answer([call]), ollamaGenerate).losses).toEqual(['choices[0].content[0] dropped'])
  })

  it('reports what it has no place for', () => {
    const response = answer(
      [
        { type: 'refusal', text: 'No.' },
        { type: 'audio', id: 'a' },
      ],
      { serviceTier: 'flex', usage: { input: { total: 1, cacheWrite: 1 }, output: { total: 1 } } },
      { finish: { reason: 'content-filter', sequence: 'x' } },
    )
    const several = { ...response, choices: [...response.choices, { index: 1, parts: [spoken] }] }
    expect(encode(several).losses).toEqual([
      'choices[0].content[0] adapted',
      'choices[0].content[1] dropped',
      'done_reason adapted',
      'stop_sequence dropped',
      'choices[1] dropped',
      'usage dropped',
      'service_tier dropped',
    ])
  })

  it('has a time even where none is known, or none that a date can hold', () => {
    const { created: _, ...timeless } = answer([spoken])
    expect(encode(timeless).json['created_at']).toBe('1970-01-01T00:00:00.000Z')
    expect(encode({ ...timeless, created: 1e300 }).json['created_at']).toBe('1970-01-01T00:00:00.000Z')
  })
})

describe('an answer of an Ollama server', () => {
  const decode = (more: JsonObject): ChatResponse =>
    ollamaChat.response.decode({
      model: 'm',
      created_at: '2026-10-17T23:14:07.999671203-02:00',
      message: { role: 'assistant', content: '' },
      done: true,
      ...more,
    })

  it('tells its time in whole seconds', () => {
    expect(decode({}).created).toBe(Date.UTC(2026, 9, 18, 1, 14, 7) / 1000)
    expect(decode({ created_at: 'soon' }).created).toBeUndefined()
  })

  it('has an id by its time, for the clients of other protocols', () => {
    expect(decode({}).id).toBe('ollama-202610172314079996712030200')
    expect(decode({ created_at: null }).id).toBe('')
  })

  it('gets ids for calls that have none, the same for the same bytes, others for another turn', () => {
    const calls = {
      message: { role: 'assistant', tool_calls: [1, 2].map(() => ({ function: { name: 'a', arguments: {} } })) },
    }
    const ids = (more: JsonObject): unknown[] =>
      decode({ ...calls, ...more }).choices[0]?.parts.map((part) => part.type === 'tool-call' && part.id) ?? []
    expect(ids({})).toEqual(['call_202610172314079996712030200_0', 'call_202610172314079996712030200_1'])
    expect(ids({})).toEqual(ids({}))
    expect(ids({ created_at: '2026-10-17T23:14:08Z' })[0]).toBe('call_20261017231408_0')
  })

  it.each([
    ['stop', 'stop'],
    ['length', 'length'],
    ['load', 'stop'],
    ['unload', 'stop'],
    ['new_reason', 'other'],
  ])('that is done for %s ended with %s', (word, reason) => {
    expect(decode({ done_reason: word }).choices[0]?.finish).toEqual({ reason, raw: word, origin: 'ollama-chat' })
  })

  it('counts cached tokens among those read', () => {
    const metrics = { prompt_eval_count: 11, prompt_eval_cached_count: 8, eval_count: 2, eval_duration: 5 }
    expect(decode(metrics).usage).toEqual({
      input: { total: 11, cacheRead: 8 },
      output: { total: 2 },
      raw: { 'ollama-chat': metrics },
    })
    expect(decode({ total_duration: 5 }).usage).toBeUndefined()
  })

  it('is an error where it says so, whatever its status', () => {
    expect(() => decode({ error: 'out of memory' })).toThrow(
      expect.objectContaining({ code: 'provider_error', message: 'out of memory' }) as Error,
    )
    const body = new Body<ChatResponse>(Buffer.from('{"error":"out of memory"}'), () => decode({}))
    expect(() => ollamaChat.facts(body)).toThrow('out of memory')
  })

  it.each(['{"choices":[]}', '{"message":"Hi"}', '[]', '<html>'])('is malformed when it is %s', (text) => {
    const body = new Body<ChatResponse>(Buffer.from(text), () => decode({}))
    expect(() => ollamaChat.facts(body)).toThrow(expect.objectContaining({ code: 'provider_malformed' }) as Error)
  })
})

describe('a stream of another protocol', () => {
  const linesOf = (events: readonly ChatEvent[], dialect = ollamaChat): JsonObject[] => {
    const encoder = codecOf(dialect).encoder({ model: 'claude', streamUsage: false })
    const wire = [...events.map((event) => encoder.push(event)), encoder.end()].join('')
    expect(wire === '' || wire.endsWith('\n')).toBe(true)
    return wire.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as JsonObject]))
  }
  const start: ChatEvent = { type: 'response-start', id: 'a', model: 'm', created: 1_770_000_000 }
  const stamp = { model: 'claude', created_at: '2026-02-02T02:40:00.000Z' }
  const at = { choice: 0, part: 0 } as const

  it('becomes lines that each say a piece, and a last one that is done', () => {
    const events: ChatEvent[] = [
      start,
      { type: 'ping' },
      { type: 'part-start', ...at, value: { type: 'reasoning', text: '', origin: 'gemini' } },
      { type: 'part-delta', ...at, text: 'Hm.' },
      { type: 'part-end', ...at },
      { type: 'part-start', choice: 0, part: 1, value: { type: 'text', text: 'He' } },
      { type: 'part-delta', choice: 0, part: 1, text: 'llo' },
      { type: 'part-end', choice: 0, part: 1 },
      { type: 'choice-end', choice: 0, finish: { reason: 'length' } },
      { type: 'usage-update', usage: { input: { total: 5 }, output: { total: 2 } } },
      { type: 'response-end' },
    ]
    expect(linesOf(events)).toEqual([
      { ...stamp, message: { role: 'assistant', content: '', thinking: 'Hm.' }, done: false },
      { ...stamp, message: { role: 'assistant', content: 'He' }, done: false },
      { ...stamp, message: { role: 'assistant', content: 'llo' }, done: false },
      {
        ...stamp,
        message: { role: 'assistant', content: '' },
        done: true,
        done_reason: 'length',
        prompt_eval_count: 5,
        eval_count: 2,
      },
    ])
    expect(linesOf(events, ollamaGenerate)[0]).toEqual({ ...stamp, response: '', thinking: 'Hm.', done: false })
  })

  it('tells each call whole, in the order in which they began', () => {
    const call = (part: number, name: string): ChatEvent => ({
      type: 'part-start',
      choice: 0,
      part,
      value: { type: 'tool-call', id: `call_${part}`, name, arguments: '' },
    })
    const lines = linesOf([
      start,
      call(0, 'a'),
      call(1, 'b'),
      { type: 'part-delta', choice: 0, part: 1, text: '{"x":' },
      { type: 'part-delta', choice: 0, part: 0, text: '{}' },
      { type: 'part-delta', choice: 0, part: 1, text: '1}' },
      { type: 'part-end', choice: 0, part: 1 },
      { type: 'part-end', choice: 0, part: 0 },
      { type: 'choice-end', choice: 0, finish: { reason: 'tool-calls' } },
      { type: 'response-end' },
    ])
    expect(lines.map(({ message }) => message)).toEqual([
      {
        role: 'assistant',
        content: '',
        tool_calls: [{ id: 'call_0', function: { index: 0, name: 'a', arguments: {} } }],
      },
      {
        role: 'assistant',
        content: '',
        tool_calls: [{ id: 'call_1', function: { index: 1, name: 'b', arguments: { x: 1 } } }],
      },
      { role: 'assistant', content: '' },
    ])
  })

  it('is ended properly where its provider only told why it stopped, and not at all where it did not', () => {
    const begun: ChatEvent[] = [start, { type: 'part-start', ...at, value: spoken }, { type: 'part-end', ...at }]
    expect(linesOf([...begun, { type: 'choice-end', choice: 0, finish: { reason: 'stop' } }]).at(-1)).toMatchObject({
      done: true,
    })
    expect(linesOf(begun).at(-1)).toMatchObject({ done: false })
  })

  it('ends with an error as a line of its own', () => {
    const lines = linesOf([start, { type: 'error', fault: new Fault('provider_cut', 'Broke\noff.') }])
    expect(lines).toEqual([{ error: 'Broke\noff.' }])
    expect(codecOf(ollamaChat).fault(new Fault('provider_cut', 'Broke\noff.'))).toBe('{"error":"Broke\\noff."}\n')
  })
})

describe('an error of a server', () => {
  it.each<[string, unknown, string]>([
    ['its own shape', { error: 'no' }, 'no'],
    ['a status beside it', { StatusCode: 400, Status: '400 Bad Request', error: 'no' }, 'no'],
    ["OpenAI's shape, from a proxy", { error: { message: 'no', type: 't' } }, 'no'],
    ['plain text', 'no', 'no'],
    ['an object without a message', { error: { x: 1 } }, '{"x":1}'],
    ['a page', '<html>no</html>', 'The provider answered with status 400 and no message.'],
  ])('is read from %s', (_, body, message) => {
    expect(ollamaChat.fault.decode(400, body, {})).toMatchObject({ message, code: 'provider_rejected', status: 400 })
  })
})
