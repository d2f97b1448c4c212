/** Stand-ins for what targets lack: what is asked instead, what becomes of the answer, and that streams amount to plain answers. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runs } from '../../kernel/testing/depth.ts'
import type { StructuredOutputPolicy } from '../../kernel/plan.ts'
import type { Reshaper } from '../../kernel/reshaper.ts'
import type { Traits } from '../../kernel/traits.ts'
import type { ChatEvent } from '../../model/chat-event.ts'
import type { ChatRequest, ChatResponse, FunctionTool, OutputFormat } from '../../model/chat.ts'
import { Fault } from '../../model/fault.ts'
import { foldChat } from '../../model/fold-chat.ts'
import type { FinishReason } from '../../model/finish.ts'
import type { JsonObject } from '../../model/json.ts'
import type { Part } from '../../model/part.ts'
import { cutAt, cuts } from './cut-at.fixture.ts'
import { asksFor, emulate, mayEmulate } from './emulate.ts'
import type { Emulation } from './emulate.ts'

const policy: StructuredOutputPolicy = { repairs: 1, validate: 'emulated' }

const ask = (request: Partial<ChatRequest>, traits: Traits, changes: Partial<StructuredOutputPolicy> = {}): Emulation =>
  emulate(
    { model: 'm', stream: false, messages: [{ role: 'user', parts: [{ type: 'text', text: 'Go.' }] }], ...request },
    { traits, target: 'p/m', policy: { ...policy, ...changes } },
  )

function reshaperOf(emulation: Emulation): Reshaper {
  if (emulation.reshaper === undefined) throw new Error('nothing was rewritten')
  return emulation.reshaper
}

const jsonSchema = (schema: JsonObject): OutputFormat => ({ type: 'json-schema', name: 'thing', schema })
const object: JsonObject = { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] }
const lookUp: FunctionTool = {
  type: 'function',
  name: 'look_up',
  description: 'Looks it up.',
  parameters: { type: 'object', properties: { q: { type: 'string' } } },
}

const text = (value: string): Part => ({ type: 'text', text: value })
const call = (name: string, args: string, id = 'c1'): Part => ({ type: 'tool-call', id, name, arguments: args })
const answer = (parts: readonly Part[], reason: FinishReason = 'stop'): ChatResponse => ({
  id: 'a1',
  model: 'm',
  choices: [{ index: 0, parts, finish: { reason } }],
})
const systemOf = ({ request }: Emulation): string =>
  request.messages
    .flatMap(({ role, parts }) => (role === 'system' ? parts : []))
    .map((part) => ('text' in part ? part.text : ''))
    .join('\n')

/** The answer as a stream, its texts cut at these places. */
function* eventsOf({ choices, ...head }: ChatResponse, cuts: readonly number[]): Generator<ChatEvent> {
  yield { type: 'response-start', ...head }
  for (const { index: choice, parts, finish } of choices) {
    for (const [part, value] of parts.entries()) {
      if (value.type === 'text' || value.type === 'tool-call') {
        const whole = value.type === 'text' ? value.text : value.arguments
        const [first = '', ...pieces] = cutAt(whole, cuts)
        yield {
          type: 'part-start',
          choice,
          part,
          value: value.type === 'text' ? { ...value, text: first } : { ...value, arguments: first },
        }
        for (const piece of pieces) yield { type: 'part-delta', choice, part, text: piece }
      } else yield { type: 'part-start', choice, part, value }
      yield { type: 'part-end', choice, part }
    }
    yield { type: 'choice-end', choice, finish: finish ?? { reason: 'other' } }
  }
  yield { type: 'usage-update', usage: { input: { total: 1 }, output: { total: 2 } } }
  yield { type: 'response-end' }
}

function streamed(reshaper: Reshaper, given: ChatResponse, cuts: readonly number[]): ChatResponse['choices'] {
  const events = reshaper.events()
  return foldChat([...eventsOf(given, cuts)].flatMap((event) => events.push(event))).choices
}

const outcome = (run: () => ChatResponse['choices']): unknown => {
  try {
    return run()
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return { fault: error.code, message: error.message }
  }
}

describe('a target that has all', () => {
  it('gets the request as it is', () => {
    const request: ChatRequest = {
      model: 'm',
      stream: false,
      messages: [],
      tools: [lookUp],
      format: jsonSchema(object),
    }
    const emulation = emulate(request, { traits: {}, target: 'p/m', policy })
    expect(emulation.request).toBe(request)
    expect(emulation.reshaper).toBeUndefined()
    expect(mayEmulate({}, policy)).toBe(false)
    expect(mayEmulate({ structuredOutput: 'native', tools: 'native' }, policy)).toBe(false)
  })

  it('may have its answers checked all the same', () => {
    const emulation = ask({ format: jsonSchema(object) }, {}, { validate: 'always' })
    expect(emulation.request.format).toEqual(jsonSchema(object))
    expect(() => reshaperOf(emulation).response(answer([text('{"n":"x"}')]))).toThrow(
      '`n` of the answer must be integer',
    )
    expect(reshaperOf(emulation).response(answer([text('{"n":"3"}')])).choices[0]?.parts).toEqual([text('{"n":3}')])
    expect(ask({}, {}, { validate: 'always' }).reshaper).toBeUndefined()
  })

  it('is refused nothing it has, and what it lacks by name', () => {
    expect(() => ask({ tools: [lookUp] }, { tools: 'none' })).toThrow('p/m has no tools')
    expect(ask({ tools: [] }, { tools: 'none' }).reshaper).toBeUndefined()
  })
})

describe('a value by a tool', () => {
  const traits: Traits = { structuredOutput: 'tool' }

  it('makes the schema a tool that has to be called', () => {
    const { request } = ask({ format: { ...jsonSchema(object), description: 'A thing.' } as OutputFormat }, traits)
    expect(request.format).toBeUndefined()
    expect(request.toolChoice).toEqual({ mode: 'tool', name: 'final_answer' })
    expect(request.tools).toEqual([
      {
        type: 'function',
        name: 'final_answer',
        description: expect.stringContaining('"thing". A thing.'),
        parameters: object,
      },
    ])
  })

  it('stands beside the client’s tools, under a name of its own', () => {
    const own = { ...lookUp, name: 'final_answer' }
    const { request } = ask({ format: jsonSchema(object), tools: [own] }, traits)
    expect(request.tools?.map(({ name }) => name)).toEqual(['final_answer', 'final_answer_2'])
    expect(request.toolChoice).toEqual({ mode: 'required' })
    const choice = { mode: 'allowed', names: ['look_up'], required: false, raw: { x: 1 }, origin: 'd' } as const
    expect(ask({ format: jsonSchema(object), tools: [lookUp], toolChoice: choice }, traits).request.toolChoice).toEqual(
      {
        mode: 'allowed',
        names: ['look_up', 'final_answer'],
        required: true,
        raw: null,
        origin: 'sluicegate',
      },
    )
    const none = ask({ format: jsonSchema(object), tools: [lookUp], toolChoice: { mode: 'none' } }, traits)
    expect(none.request.toolChoice).toEqual({ mode: 'tool', name: 'final_answer' })
  })

  it('stays away where the client wants calls of its own tools and nothing else', () => {
    const emulation = ask({ format: jsonSchema(object), tools: [lookUp], toolChoice: { mode: 'required' } }, traits)
    expect(emulation.request.tools).toEqual([lookUp])
    expect(emulation.request.format).toBeUndefined()
    expect(emulation.reshaper).toBeUndefined()
  })

  it('forces nobody who is to think, but says so', () => {
    const emulation = ask({ format: jsonSchema(object), reasoning: { effort: 'high' } }, traits)
    expect(emulation.request.toolChoice).toEqual({ mode: 'auto' })
    expect(systemOf(emulation)).toContain('"final_answer"')
  })

  it('makes text of the call, and of nothing else', () => {
    const reshape = (...given: Parameters<typeof answer>) =>
      reshaperOf(ask({ format: jsonSchema(object), tools: [lookUp] }, traits)).response(answer(...given)).choices[0]
    expect(reshape([text('Well.'), call('final_answer', '{"n":1}')], 'tool-calls')).toEqual({
      index: 0,
      parts: [text('{"n":1}')],
      finish: { reason: 'stop' },
    })
    const both = [text('Well.'), call('look_up', '{}'), call('final_answer', '{"n":1}', 'c2')]
    expect(reshape(both, 'tool-calls')).toEqual({
      index: 0,
      parts: [call('look_up', '{}'), text('{"n":1}')],
      finish: { reason: 'tool-calls' },
    })
    const own = [text('Well.'), call('look_up', '{}')]
    expect(reshape(own, 'tool-calls')).toEqual(answer(own, 'tool-calls').choices[0])
    expect(reshape([call('final_answer', '{"n":1}'), call('final_answer', '{"n":2}')])?.parts).toEqual([
      text('{"n":1}'),
    ])
    expect(reshape([text('So: {"n":1}.')])?.parts).toEqual([text('{"n":1}')])
  })

  it('wraps what is no object, and unwraps it', () => {
    const list: JsonObject = {
      type: 'array',
      items: { anyOf: [{ $ref: '#/$defs/n' }, { $ref: '#' }] },
      $defs: { n: { type: 'integer' } },
    }
    const emulation = ask({ format: jsonSchema(list) }, traits)
    const [tool] = emulation.request.tools ?? []
    expect(tool?.type === 'function' && tool.parameters).toEqual({
      type: 'object',
      properties: {
        value: { type: 'array', items: { anyOf: [{ $ref: '#/$defs/n' }, { $ref: '#/properties/value' }] } },
      },
      required: ['value'],
      additionalProperties: false,
      $defs: { n: { type: 'integer' } },
    })
    const given = answer([call('final_answer', '{"value": [1, [2]]}')])
    expect(reshaperOf(emulation).response(given).choices[0]?.parts).toEqual([text('[1, [2]]')])
  })
})

describe('a value by words', () => {
  const traits: Traits = { structuredOutput: 'prompt' }

  it('adds the schema to the instructions there are', () => {
    const messages: ChatRequest['messages'] = [
      { role: 'system', parts: [text('Be brief.')] },
      { role: 'user', parts: [text('Go.')] },
    ]
    const { request } = ask({ messages, format: jsonSchema(object) }, traits)
    expect(request.messages).toHaveLength(2)
    expect(request.messages[0]?.parts).toEqual([
      { type: 'text', text: expect.stringMatching(/^Be brief\.\n\nAnswer with one JSON value [^]*\{"type":"object"/) },
    ])
    expect(systemOf(ask({ format: jsonSchema(object) }, traits))).toContain(JSON.stringify(object))
    expect(systemOf(ask({ format: { type: 'json' } }, { structuredOutput: 'tool' }))).toContain('It is an object')
  })

  it('wraps only what could be a bare word or number', () => {
    const either: JsonObject = {
      anyOf: [{ $ref: '#/$defs/a' }, { type: 'array' }],
      $defs: { a: { allOf: [{ description: 'An a.' }, { type: 'object', properties: { n: { type: 'integer' } } }] } },
    }
    const emulation = ask({ format: jsonSchema(either) }, traits)
    expect(systemOf(emulation)).toContain(JSON.stringify(either))
    const take = (schema: JsonObject, said: string) =>
      reshaperOf(ask({ format: jsonSchema(schema) }, traits)).response(answer([text(said)])).choices[0]?.parts
    expect(take(either, 'So: {"n":1}')).toEqual([text('{"n":1}')])
    expect(take(either, 'So: [1]')).toEqual([text('[1]')])
    const word: JsonObject = { enum: ['yes', 'no'] }
    expect(systemOf(ask({ format: jsonSchema(word) }, traits))).toContain(
      '"properties":{"value":{"enum":["yes","no"]}}',
    )
    expect(take(word, 'Well: {"value": "yes"}.')).toEqual([text('"yes"')])
    // A model that did not keep to the wrapping, where it can be told.
    const mixed: JsonObject = { anyOf: [{ type: 'object', required: ['n'] }, { type: 'null' }] }
    expect(take(mixed, '{"n":1}')).toEqual([text('{"n":1}')])
    const tool = reshaperOf(ask({ format: jsonSchema(mixed) }, { structuredOutput: 'tool' }))
    expect(tool.response(answer([call('final_answer', '{"n":1}')])).choices[0]?.parts).toEqual([text('{"n":1}')])
  })

  it.each([
    ['refuses', [{ type: 'refusal', text: 'No.' }], 'stop'],
    ['was filtered', [text('I will not {')], 'content-filter'],
    ['refuses in a word', [text('I cannot help with that.')], 'refusal'],
    ['was cut short before it began', [text('Let me think about')], 'length'],
    ['calls a tool', [text('I look it up: {"n":1}'), call('look_up', '{}')], 'tool-calls'],
  ] as const)('leaves an answer as it is that %s', (_, parts, reason) => {
    const emulation = ask({ format: jsonSchema(object), tools: [lookUp] }, traits)
    const [choice] = reshaperOf(emulation).response(answer(parts, reason)).choices
    expect(choice?.finish).toEqual({ reason })
    if (reason !== 'tool-calls') expect(choice?.parts).toEqual(parts)
  })

  it('gives what there is of a value that was cut short', () => {
    const emulation = ask({ format: jsonSchema(object) }, traits)
    const [choice] = reshaperOf(emulation).response(answer([text('```json\n{"n": 1')], 'length')).choices
    expect(choice).toEqual({ index: 0, parts: [text('{"n": 1')], finish: { reason: 'length' } })
  })

  it('says what is wrong, and asks again as often as it may', () => {
    const reshaper = reshaperOf(ask({ format: jsonSchema(object), n: 2 }, traits))
    const said = [text('Sure: {"m":1}')]
    const two: ChatResponse = {
      ...answer([text('{"n":1}')]),
      choices: [
        { index: 0, parts: [text('{"n":1}')] },
        { index: 1, parts: said },
      ],
    }
    expect(() => reshaper.response(two)).toThrow(
      "p/m did not answer as the JSON schema of the request asks: the answer must have required property 'n'.",
    )
    const again = reshaper.again?.()
    expect(again?.request.n).toBeUndefined()
    expect(again?.request.messages.slice(-2)).toEqual([
      { role: 'assistant', parts: said },
      {
        role: 'user',
        parts: [{ type: 'text', text: expect.stringContaining("- the answer must have required property 'n'") }],
      },
    ])
    const better = again?.reshaper.response(answer([text('{"n":2}')]))
    expect(better?.choices.map(({ index, parts }) => [index, parts])).toEqual([
      [0, [text('{"n":1}')]],
      [1, [text('{"n":2}')]],
    ])
    expect(() => again?.reshaper.response(answer([text('{}')]))).toThrow(Fault)
    expect(again?.reshaper.again?.()).toBeUndefined()
  })

  it('asks again with the result of the call where it asked with a tool', () => {
    const reshaper = reshaperOf(ask({ format: jsonSchema(object) }, { structuredOutput: 'tool' }))
    const said = [
      { type: 'reasoning', text: 'Hm.', signature: 's', origin: 'd' } as Part,
      call('final_answer', '{}', 'x1'),
    ]
    expect(() => reshaper.response(answer(said, 'tool-calls'))).toThrow(Fault)
    const again = reshaper.again?.()
    expect(again?.request.messages.slice(-2)).toEqual([
      { role: 'assistant', parts: said },
      {
        role: 'tool',
        parts: [
          {
            type: 'tool-result',
            callId: 'x1',
            isError: true,
            content: [{ type: 'text', text: expect.stringContaining('Call "final_answer" again') }],
          },
        ],
      },
    ])
    expect(again?.request.toolChoice).toEqual({ mode: 'tool', name: 'final_answer' })
  })

  it('tells a budget how often it may ask', () => {
    const request: ChatRequest = { model: 'm', stream: false, messages: [], format: jsonSchema(object) }
    expect(asksFor(request, traits, { repairs: 2, validate: 'emulated' })).toBe(3)
    expect(asksFor(request, {}, { repairs: 2, validate: 'emulated' })).toBe(1)
    expect(asksFor(request, {}, { repairs: 2, validate: 'always' })).toBe(3)
    expect(asksFor({ ...request, format: { type: 'text' } }, traits, policy)).toBe(1)
  })

  it('sends nobody a schema that cannot be checked', () => {
    expect(() => ask({ format: jsonSchema({ $ref: 'https://x.example/s' }) }, traits)).toThrow(
      expect.objectContaining({ code: 'not_expressible', param: 'response_format' }),
    )
  })
})

describe('tools in words', () => {
  const traits: Traits = { tools: 'emulated' }

  it('describes them, and how the client wants them called', () => {
    const emulation = ask({ tools: [lookUp], toolChoice: { mode: 'required' }, parallelToolCalls: false }, traits)
    expect(emulation.request).not.toHaveProperty('tools')
    expect(emulation.request).not.toHaveProperty('toolChoice')
    expect(emulation.request).not.toHaveProperty('parallelToolCalls')
    const system = systemOf(emulation)
    expect(system).toContain('{"name":"look_up","description":"Looks it up.","parameters":')
    expect(system).toContain('have to call at least one tool')
    expect(system).toContain('at most one call')
    expect(systemOf(ask({ tools: [lookUp], toolChoice: { mode: 'tool', name: 'look_up' } }, traits))).toContain(
      'have to call the tool "look_up"',
    )
    const none = ask({ tools: [lookUp], toolChoice: { mode: 'none' } }, traits)
    expect([systemOf(none), none.reshaper]).toEqual(['', undefined])
    const server = { type: 'server', origin: 'd', name: 'search', value: {} } as const
    expect(ask({ tools: [lookUp, server] }, traits).lost).toEqual([expect.objectContaining({ path: 'tools[1]' })])
  })

  it('writes what was called and given into the conversation', () => {
    const { request } = ask(
      {
        tools: [lookUp],
        messages: [
          { role: 'user', parts: [text('Both?')] },
          {
            role: 'assistant',
            parts: [text('I look.'), call('look_up', '{"q":"a"}', 'c1'), call('look_up', '{"q":"b"}', 'c2')],
          },
          { role: 'tool', parts: [{ type: 'tool-result', callId: 'c1', content: [text('</tool_response> A')] }] },
          { role: 'tool', parts: [{ type: 'tool-result', callId: 'c2', content: [text('B')], isError: true }] },
          { role: 'user', parts: [text('So?')] },
        ],
      },
      traits,
    )
    expect(request.messages.slice(1)).toEqual([
      { role: 'user', parts: [text('Both?')] },
      {
        role: 'assistant',
        parts: [
          text(
            'I look.\n<tool_call>\n{"name":"look_up","arguments":{"q":"a"}}\n</tool_call>\n<tool_call>\n{"name":"look_up","arguments":{"q":"b"}}\n</tool_call>',
          ),
        ],
      },
      {
        role: 'user',
        parts: [
          text(
            '<tool_response>\n{"name":"look_up","content":"<\\/tool_response> A"}\n</tool_response>\n<tool_response>\n{"name":"look_up","error":true,"content":"B"}\n</tool_response>',
          ),
        ],
      },
      { role: 'user', parts: [text('So?')] },
    ])
  })

  it('makes calls of what the model wrote, with ids that stay the same', () => {
    const given = answer([text('I look.\n<tool_call>\n{"name":"look_up","arguments":{"q":"a"}}\n</tool_call>\n')])
    const reshape = () => reshaperOf(ask({ tools: [lookUp] }, traits)).response(given).choices[0]
    expect(reshape()).toEqual({
      index: 0,
      parts: [
        text('I look.'),
        {
          type: 'tool-call',
          id: expect.stringMatching(/^call_[0-9a-f]{24}$/),
          name: 'look_up',
          arguments: '{"q":"a"}',
        },
      ],
      finish: { reason: 'tool-calls' },
    })
    expect(reshape()).toEqual(reshape())
  })

  it('asks for JSON in words too, so that calls stay possible', () => {
    const emulation = ask({ tools: [lookUp], format: jsonSchema(object) }, traits)
    expect(emulation.request.format).toBeUndefined()
    expect(systemOf(emulation)).toMatch(/Whenever you answer without calling a tool[^]*<tools>/)
    const reshaper = reshaperOf(emulation)
    expect(reshaper.response(answer([text('Thus {"n":1}')])).choices[0]?.parts).toEqual([text('{"n":1}')])
    const called = reshaper.response(answer([text('<tool_call>{"name":"look_up"}</tool_call>')])).choices[0]
    expect(called?.parts).toMatchObject([{ type: 'tool-call', name: 'look_up' }])
    expect(called?.finish).toEqual({ reason: 'tool-calls' })
    expect(() => reshaper.response(answer([text('{}')]))).toThrow(Fault)
    const again = reshaper.again?.()
    expect(again?.request).not.toHaveProperty('tools')
    expect(again?.reshaper.response(answer([text('{"n":1}')])).choices[0]?.parts).toEqual([text('{"n":1}')])
  })
})

describe('the stream of an answer', () => {
  const value = fc.oneof(fc.dictionary(fc.string(), fc.jsonValue()), fc.array(fc.jsonValue()), fc.jsonValue())

  it.each(['tool', 'prompt'] as const)('has any value of any schema, by the way of %s, at every cut', (way) => {
    const schemas = fc.constantFrom<JsonObject>(
      {},
      { type: ['object', 'array', 'string', 'number', 'boolean', 'null'] },
    )
    fc.assert(
      fc.property(value, schemas, fc.boolean(), cuts, (json, schema, pretty, at) => {
        const written = JSON.stringify(json, null, pretty ? 2 : 0)
        const wrapped = JSON.stringify({ value: json }, null, pretty ? 2 : 0)
        const reshaper = reshaperOf(ask({ format: jsonSchema(schema) }, { structuredOutput: way }))
        const given = answer(
          way === 'tool' ? [call('final_answer', wrapped)] : [text(`So:\n\`\`\`\n${wrapped}\n\`\`\``)],
        )
        for (const choices of [reshaper.response(given).choices, streamed(reshaper, given, at)]) {
          const [part, ...others] = choices[0]?.parts ?? []
          expect(others).toEqual([])
          expect(part?.type === 'text' && JSON.parse(part.text)).toEqual(JSON.parse(written))
          expect(choices[0]?.finish).toEqual({ reason: 'stop' })
        }
      }),
    )
  })

  it('comes to the same as the plain answer, whatever the model does', () => {
    const said = fc.constantFrom(
      'Well, ',
      '{"n":1}',
      '{"n":',
      'x"}',
      '```json\n',
      '<tool_call>{"name":"look_up","arguments":{"q":1}}</tool_call>',
      '<tool_call>',
      '\n\n',
      '{"value":{"n":2}}',
      '{"value":null}',
    )
    const part: fc.Arbitrary<Part> = fc.oneof(
      fc.array(said, { maxLength: 4 }).map((pieces) => text(pieces.join(''))),
      fc.constantFrom<Part>(
        call('final_answer', '{"n":3}'),
        call('final_answer', '{'),
        call('look_up', '{"q":"x"}'),
        { type: 'reasoning', text: 'Hm {"n":4}', origin: 'd' },
        { type: 'refusal', text: 'No.' },
      ),
    )
    const lacking: fc.Arbitrary<Traits> = fc.constantFrom<Traits>(
      { structuredOutput: 'tool' },
      { structuredOutput: 'prompt' },
      { tools: 'emulated' },
      { structuredOutput: 'prompt', tools: 'emulated' },
      {},
    )
    const reasons = fc.constantFrom<FinishReason>('stop', 'tool-calls', 'length', 'refusal')
    const tools = fc.constantFrom([lookUp], undefined)
    const schemas = fc.constantFrom<JsonObject>(object, { anyOf: [object, { type: 'null' }] })
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 4 }),
        lacking,
        schemas,
        reasons,
        tools,
        cuts,
        (parts, traits, schema, reason, own, at) => {
          const emulation = ask({ format: jsonSchema(schema), ...(own && { tools: own }) }, traits, {
            validate: 'always',
          })
          const reshaper = reshaperOf(emulation)
          const given = answer(parts, reason)
          const plain = outcome(() => reshaper.response(given).choices)
          expect(outcome(() => streamed(reshaper, given, at))).toEqual(plain)
        },
      ),
      { numRuns: runs(600) },
    )
  })

  it('goes on while the value is being written', () => {
    for (const way of ['tool', 'prompt'] as const) {
      const events = reshaperOf(ask({ format: jsonSchema(object) }, { structuredOutput: way })).events()
      const value: Part = way === 'tool' ? call('final_answer', '{"n":') : text('{"n":')
      expect(events.push({ type: 'part-start', choice: 0, part: 0, value })).toEqual([
        { type: 'part-start', choice: 0, part: 0, value: text('{"n":') },
      ])
      expect(events.push({ type: 'part-delta', choice: 0, part: 0, text: '12' })).toEqual([
        { type: 'part-delta', choice: 0, part: 0, text: '12' },
      ])
    }
  })

  it('ends with an error behind the usage when the value does not fit', () => {
    const reshaper = reshaperOf(ask({ format: jsonSchema(object) }, { structuredOutput: 'prompt' }))
    const events = reshaper.events()
    const out = [...eventsOf(answer([text('{"n":"1"}')]), [7])].flatMap((event) => events.push(event))
    expect(out.map(({ type }) => type)).toEqual([
      'response-start',
      'part-start',
      'part-delta',
      'part-end',
      'usage-update',
      'error',
    ])
    expect(out.at(-1)).toMatchObject({ fault: { code: 'invalid_structured_output' } })
    expect(reshaper.again?.()?.request.messages.at(-2)).toEqual({ role: 'assistant', parts: [text('{"n":"1"}')] })
  })
})
