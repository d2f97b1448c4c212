/** The dialect against the conformance kit, and where a text protocol meets conversations. */
import { describe, expect, it } from 'vitest'
import { Body } from '../../kernel/body.ts'
import type { Encoded, StreamContext } from '../../kernel/dialect.ts'
import { describeChatDialect } from '../../kernel/testing/chat-dialect-kit.ts'
import type { ChatEvent } from '../../model/chat-event.ts'
import type { ChatRequest, ChatResponse } from '../../model/chat.ts'
import { Fault } from '../../model/fault.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { completions, sse } from './fixtures-completions.ts'
import { openaiCompletions } from './index.ts'

describeChatDialect(openaiCompletions, completions, [], [], { tools: true })

const { request, response, stream } = openaiCompletions
if (stream === undefined) throw new Error('the dialect has streams')

const paths = ({ lost }: Pick<Encoded, 'lost'>): string[] => lost.map(({ path }) => path)
const faultOf = (work: () => unknown): Fault => {
  try {
    work()
  } catch (error) {
    if (error instanceof Fault) return error
    throw error
  }
  throw new Error('nothing was thrown')
}
const bodyOf = (json: JsonValue): Body<ChatRequest> => {
  const bytes = Buffer.from(JSON.stringify(json))
  return new Body(bytes, (value) => request.decode(value))
}
const decode = (more: JsonObject = {}): ChatRequest => request.decode({ model: 'm', prompt: 'Once upon', ...more })

describe('a prompt', () => {
  it.each<[string, JsonValue]>([
    ['several texts', ['one', 'two']],
    ['tokens', [1212, 318]],
    ['several lists of tokens', [[1212], [318, 257]]],
    ['nothing in a list', []],
  ])('of %s passes to services of the protocol, but is refused where it has to be translated', (_, prompt) => {
    const body = bodyOf({ model: 'm', prompt })
    expect(openaiCompletions.head(body)).toEqual({ model: 'm', stream: false })
    expect(faultOf(() => body.read())).toMatchObject({ code: 'invalid_request', param: 'prompt' })
  })

  it('says why it is refused and what to do', () => {
    expect(faultOf(() => decode({ prompt: ['one', 'two'] })).message).toBe(
      '`prompt` holds 2 prompts, but this model takes one conversation a request: send one request for each.',
    )
    expect(faultOf(() => decode({ prompt: [1, 2] })).message).toContain('made of tokens')
  })

  it.each<[string, JsonValue]>([
    ['an object', {}],
    ['a number', 7],
    ['true', true],
  ])('that is %s is refused at once', (_, prompt) => {
    expect(faultOf(() => openaiCompletions.head(bodyOf({ model: 'm', prompt })))).toMatchObject({ param: 'prompt' })
  })

  it('may be missing, which is for the service to judge', () => {
    const body = bodyOf({ model: 'm', prompt_embeds: 'AAAA' })
    expect(openaiCompletions.head(body).model).toBe('m')
    expect(faultOf(() => body.read())).toMatchObject({ code: 'invalid_request', param: 'prompt' })
  })

  it('becomes a message of the user', () => {
    expect(decode().messages).toMatchObject([{ role: 'user', parts: [{ type: 'text', text: 'Once upon' }] }])
  })
})

describe('what no other protocol has', () => {
  it('is carried under its own name, so that others report it', () => {
    const { extra } = decode({ suffix: '.', best_of: 2, logit_bias: { '1': 2 } })
    expect(extra).toEqual({ 'openai-completions': { suffix: '.', best_of: 2, logit_bias: { '1': 2 } } })
  })

  it('is not told to be lost where the gateway does it itself', () => {
    expect(decode({ echo: true }).extra).toBeUndefined()
  })
})

describe('a conversation for a model that only continues text', () => {
  const conversation: ChatRequest = {
    model: 'm',
    stream: false,
    messages: [
      { role: 'system', parts: [{ type: 'text', text: 'Be brief.' }] },
      { role: 'user', name: 'ann', parts: [{ type: 'text', text: 'Weather?' }] },
      {
        role: 'assistant',
        parts: [{ type: 'tool-call', id: 'call_1', name: 'weather', arguments: '{"city":"Oslo"}' }],
      },
      {
        role: 'tool',
        parts: [{ type: 'tool-result', callId: 'call_1', content: [{ type: 'text', text: 'rain' }], isError: false }],
      },
      {
        role: 'user',
        parts: [
          { type: 'text', text: 'And now?' },
          { type: 'image', source: { kind: 'url', url: 'https://pictures.example/a.png' } },
        ],
      },
    ],
  }

  it('becomes a transcript that ends where the assistant is to speak', () => {
    const { json } = request.encode(conversation, { model: 'davinci-002' })
    expect(json).toEqual({
      model: 'davinci-002',
      prompt: [
        'System: Be brief.',
        'User (ann): Weather?',
        'Assistant: (calls the tool weather with {"city":"Oslo"})',
        'Tool: (result of the tool weather:)\nrain',
        'User: And now?',
        'Assistant:',
      ].join('\n\n'),
      max_tokens: 1024,
      stop: ['\n\nUser:'],
    })
  })

  it('reports that it was adapted, once, and what could not be said', () => {
    expect(paths(request.encode(conversation, { model: 'm' }))).toEqual([
      'messages',
      'messages[2].content[0]',
      'messages[4].content[1]',
      'max_tokens',
    ])
  })

  it('is continued in the words that the assistant began', () => {
    const begun: ChatRequest = {
      ...conversation,
      messages: [
        { role: 'user', parts: [{ type: 'text', text: 'A haiku.' }] },
        { role: 'assistant', parts: [{ type: 'text', text: 'An old' }] },
      ],
    }
    expect(request.encode(begun, { model: 'm' }).json).toMatchObject({ prompt: 'User: A haiku.\n\nAssistant: An old' })
  })

  it('keeps what limits it, and reports settings that a prompt cannot have', () => {
    const asked: ChatRequest = {
      ...conversation,
      maxOutputTokens: 9,
      stop: ['a', 'b', 'c', 'd', 'e'],
      logprobs: { enabled: true, top: 20 },
      tools: [{ type: 'function', name: 'weather' }],
      toolChoice: { mode: 'required' },
      format: { type: 'json' },
      reasoning: { effort: 'high' },
      topK: 3,
    }
    const encoded = request.encode(asked, { model: 'm', maxOutput: 100 })
    expect(encoded.json).toMatchObject({ max_tokens: 9, stop: ['a', 'b', 'c', 'd'], logprobs: 5 })
    expect(paths(encoded).slice(3)).toEqual([
      'stop_sequences[4]',
      'top_logprobs',
      'top_k',
      'tools[0]',
      'tool_choice',
      'response_format',
      'reasoning',
    ])
  })

  it('is limited to what the model can write', () => {
    expect(request.encode(conversation, { model: 'm', maxOutput: 100 }).json).toMatchObject({ max_tokens: 100 })
  })

  it('stays a prompt where it came as one, unless something was added to it', () => {
    const own = decode({ stop: 'x' })
    expect(request.encode(own, { model: 'm' }).json).toEqual({ model: 'm', prompt: 'Once upon', stop: 'x' })
    const guarded = { ...own, messages: [...(conversation.messages.slice(0, 1) ?? []), ...own.messages] }
    expect(request.encode(guarded, { model: 'm' }).json).toEqual({
      model: 'm',
      prompt: 'System: Be brief.\n\nUser: Once upon\n\nAssistant:',
      stop: ['x', '\n\nUser:'],
    })
  })
})

describe('an answer that repeats its prompt', () => {
  const answer: ChatResponse = {
    id: 'msg_1',
    model: 'claude',
    created: 5,
    choices: [
      {
        index: 0,
        parts: [{ type: 'text', text: ' a time' }],
        finish: { reason: 'stop' },
        logprobs: {
          content: [
            { token: ' a', logprob: -1 },
            { token: ' time', logprob: -2 },
          ],
        },
      },
    ],
  }

  it('has the prompt before its text where another protocol answered', () => {
    const encoded = response.encode(answer, { model: 'claude', request: decode({ echo: true }) })
    expect(encoded.json).toMatchObject({
      choices: [{ text: 'Once upon a time', logprobs: { tokens: [' a', ' time'], text_offset: [9, 11] } }],
    })
    expect(paths(encoded)).toEqual(['choices[0].logprobs'])
  })

  it('has it once where the service repeated it itself', () => {
    const own = response.decode({ choices: [{ text: 'Once upon a time' }] })
    const { json } = response.encode(own, { model: 'm', request: decode({ echo: true }) })
    expect(json).toMatchObject({ choices: [{ text: 'Once upon a time' }] })
  })

  it('is told without it where nobody asked', () => {
    for (const context of [
      { model: 'm' },
      { model: 'm', request: decode() },
      { model: 'm', request: decode({ echo: false }) },
    ])
      expect(response.encode(answer, context).json).toMatchObject({ choices: [{ text: ' a time' }] })
  })

  const textOf = (context: StreamContext, events: readonly ChatEvent[]): string[] => {
    const encoder = stream.encoder(context)
    const wire = events.map((event) => Buffer.from(encoder.push(event)).toString()).join('')
    return wire.split('\n\n').flatMap((event) => {
      if (!event.startsWith('data: {')) return []
      const { choices } = JSON.parse(event.slice(6)) as { choices: { index: number; text: string }[] }
      return choices.map(({ index, text }) => `${index}:${text}`)
    })
  }
  const said = (choice: number, text: string): ChatEvent[] => [
    { type: 'part-start', choice, part: 0, value: { type: 'text', text: '' } },
    { type: 'part-delta', choice, part: 0, text },
    { type: 'part-end', choice, part: 0 },
    { type: 'choice-end', choice, finish: { reason: 'stop' } },
  ]
  const events: ChatEvent[] = [
    { type: 'response-start', id: 'a', model: 'm' },
    ...said(0, ' a time'),
    ...said(1, ' a hill'),
    { type: 'response-end' },
  ]

  it('repeats it in a stream, before each choice', () => {
    const context = { model: 'm', streamUsage: false, request: decode({ echo: true, n: 2 }) }
    expect(textOf(context, events)).toEqual(['0:Once upon', '0: a time', '0:', '1:Once upon', '1: a hill', '1:'])
  })

  it('repeats nothing in a stream that was not asked to', () => {
    const context = { model: 'm', streamUsage: false, request: decode() }
    expect(textOf(context, events)).toEqual(['0: a time', '0:', '1: a hill', '1:'])
  })
})

describe('an answer of a chat model', () => {
  it('keeps all text and says what it has no place for', () => {
    const encoded = response.encode(
      {
        id: 'a',
        model: 'm',
        choices: [
          {
            index: 0,
            parts: [
              { type: 'reasoning', text: 'hm', origin: 'openai-chat' },
              { type: 'text', text: 'Well. ' },
              { type: 'refusal', text: 'No.' },
              { type: 'tool-call', id: 'c', name: 'f', arguments: '{}' },
            ],
            finish: { reason: 'tool-calls', raw: 'tool_calls', origin: 'openai-chat' },
          },
        ],
        serviceTier: 'default',
      },
      { model: 'm' },
    )
    expect(encoded.json).toEqual({
      id: 'a',
      object: 'text_completion',
      created: 0,
      model: 'm',
      choices: [{ text: 'Well. No.', index: 0, logprobs: null, finish_reason: 'stop' }],
    })
    expect(paths(encoded)).toEqual([
      'choices[0].content[0]',
      'choices[0].content[2]',
      'choices[0].content[3]',
      'choices[0].finish_reason',
      'service_tier',
    ])
  })
})

describe('usage in streams', () => {
  it('is asked for by an edit that keeps other options', () => {
    const edits = (more: JsonObject) => openaiCompletions.usageEdits?.(bodyOf({ model: 'm', prompt: 'x', ...more }))
    expect(edits({ stream: true })).toEqual({ stream_options: '{"include_usage":true}' })
    expect(edits({ stream: true, stream_options: { include_usage: true } })).toBeUndefined()
    expect(edits({})).toBeUndefined()
  })

  it('is withheld from a client that did not ask, wherever the stream is cut', () => {
    const chunk = (choices: JsonObject[], more: JsonObject = {}): JsonObject => ({
      id: 'c',
      model: 'm',
      choices,
      ...more,
    })
    const before = sse([chunk([{ index: 0, text: 'a "text" here', finish_reason: null }])])
    const usage = sse([chunk([], { usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 } })])
    const wire = Buffer.from(`${before}${usage}${sse(['[DONE]'])}`)
    for (let cut = 0; cut <= wire.length; cut++) {
      const observer = stream.observer({ withholdUsage: true })
      const out = [wire.subarray(0, cut), wire.subarray(cut)].map((bytes) => Buffer.from(observer.push(bytes)))
      expect(Buffer.concat(out).toString()).toBe(before + sse(['[DONE]']))
      expect(observer.facts().usage?.output.total).toBe(2)
    }
  })
})
