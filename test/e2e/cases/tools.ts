/** Cases of tools: offered, chosen, called, several at once, and their results with errors and pictures. */
import type { JsonObject } from '../../../src/model/json.ts'
import { cuts } from '../../harness/cuts.ts'
import type { Case } from '../matrix.ts'
import { textBlock, toolUse } from '../wire/anthropic-wire.ts'

const usage = { input: 21, output: 9 }
const schema = {
  type: 'object' as const,
  properties: { city: { type: 'string', description: 'Name of the city' }, days: { type: 'integer' } },
  required: ['city'],
}
const openaiTool = {
  type: 'function' as const,
  function: { name: 'get_weather', description: 'Tells the weather.', parameters: schema },
}
const anthropicTool = { name: 'get_weather', description: 'Tells the weather.', input_schema: schema }
const ask = 'Weather in Oslo?'
const question = { role: 'user', content: ask } as const
const questionBlocks = { role: 'user', content: [textBlock(ask)] }

const withTool: Pick<Case, 'asks' | 'becomes'> = {
  asks: {
    openai: { messages: [question], max_completion_tokens: 100, tools: [openaiTool] },
    anthropic: { messages: [question], max_tokens: 100, tools: [anthropicTool] },
  },
  becomes: {
    openai: { messages: [question], max_completion_tokens: 100, tools: [openaiTool] },
    anthropic: { messages: [questionBlocks], max_tokens: 100, tools: [anthropicTool] },
  },
}

const called = {
  openai: {
    text: null,
    calls: [{ id: 'call_1', name: 'get_weather', arguments: '{"city":"Oslo"}' }],
    finish: 'tool_calls',
  },
  anthropic: { content: [toolUse('call_1', 'get_weather', { city: 'Oslo' })], stop: 'tool_use' },
}
const calledShown = {
  text: '',
  calls: [{ id: 'call_1', name: 'get_weather', arguments: { city: 'Oslo' } }],
  finish: 'tool_calls',
  usage,
} as const

/** The same request but for the way the choice is put. */
function choosing(name: string, openaiChoice: JsonObject, anthropicChoice: JsonObject, becomes: JsonObject = {}): Case {
  return {
    name,
    asks: {
      openai: { messages: [question], max_completion_tokens: 100, tools: [openaiTool], extra: openaiChoice },
      anthropic: { messages: [question], max_tokens: 100, tools: [anthropicTool], extra: anthropicChoice },
    },
    becomes: {
      openai: { messages: [question], max_completion_tokens: 100, tools: [openaiTool], ...openaiChoice, ...becomes },
      anthropic: { messages: [questionBlocks], max_tokens: 100, tools: [anthropicTool], ...anthropicChoice },
    },
    answers: called,
    shows: calledShown,
  }
}

/** What a model writes that fills a file: large, nested, with everything that has to be escaped. */
const hugeArguments = {
  city: 'Oslo',
  rows: Array.from({ length: 700 }, (_, row) => ({
    row,
    note: `"quoted" \\ back\\slash \n line ${row} – ünïcode 🚀 `.repeat(2),
    nested: { list: [row, [row / 7, null, true]] },
  })),
}
const hugeJson = JSON.stringify(hugeArguments)

const picture = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

export const toolCases: readonly Case[] = [
  { name: 'a tool call', ...withTool, answers: called, shows: calledShown },
  choosing('a tool that has to be called', { tool_choice: 'required' }, { tool_choice: { type: 'any' } }),
  choosing(
    'one tool that has to be called',
    { tool_choice: { type: 'function', function: { name: 'get_weather' } } },
    { tool_choice: { type: 'tool', name: 'get_weather' } },
  ),
  choosing('tools that must not be called', { tool_choice: 'none' }, { tool_choice: { type: 'none' } }),
  choosing(
    'one call at a time',
    { parallel_tool_calls: false },
    { tool_choice: { type: 'auto', disable_parallel_tool_use: true } },
    { tool_choice: 'auto' },
  ),
  {
    name: 'tools that are strict about their arguments',
    asks: {
      openai: {
        messages: [question],
        max_completion_tokens: 100,
        tools: [{ ...openaiTool, function: { ...openaiTool.function, strict: true } }],
      },
      anthropic: { messages: [question], max_tokens: 100, tools: [{ ...anthropicTool, strict: true }] },
    },
    becomes: {
      openai: {
        messages: [question],
        max_completion_tokens: 100,
        tools: [{ ...openaiTool, function: { ...openaiTool.function, strict: true } }],
      },
      anthropic: { messages: [questionBlocks], max_tokens: 100, tools: [{ ...anthropicTool, strict: true }] },
    },
    answers: called,
    shows: calledShown,
  },
  {
    name: 'words before a tool call',
    ...withTool,
    answers: {
      openai: { ...called.openai, text: 'Let me look.' },
      anthropic: { ...called.anthropic, content: [textBlock('Let me look.'), ...called.anthropic.content] },
    },
    shows: { ...calledShown, text: 'Let me look.' },
  },
  {
    name: 'parallel tool calls',
    ...withTool,
    answers: {
      openai: {
        text: null,
        calls: [
          { id: 'call_1', name: 'get_weather', arguments: '{"city":"Oslo"}' },
          { id: 'call_2', name: 'get_weather', arguments: '{"city":"Bergen","days":3}' },
          { id: 'call_3', name: 'get_weather', arguments: '{}' },
        ],
        finish: 'tool_calls',
        interleaved: true,
      },
      anthropic: {
        content: [
          toolUse('call_1', 'get_weather', { city: 'Oslo' }),
          toolUse('call_2', 'get_weather', { city: 'Bergen', days: 3 }),
          toolUse('call_3', 'get_weather', {}),
        ],
        stop: 'tool_use',
      },
    },
    shows: {
      text: '',
      calls: [
        { id: 'call_1', name: 'get_weather', arguments: { city: 'Oslo' } },
        { id: 'call_2', name: 'get_weather', arguments: { city: 'Bergen', days: 3 } },
        { id: 'call_3', name: 'get_weather', arguments: {} },
      ],
      finish: 'tool_calls',
      usage,
    },
  },
  {
    name: 'results of parallel calls, one of them failed, one with a picture',
    asks: {
      openai: {
        max_completion_tokens: 100,
        tools: [openaiTool],
        messages: [
          question,
          {
            role: 'assistant',
            content: 'Let me look.',
            tool_calls: [
              { id: 'call_1', type: 'function', function: { name: 'get_weather', arguments: '{"city":"Oslo"}' } },
              {
                id: 'call_2',
                type: 'function',
                function: { name: 'get_weather', arguments: '{"city":"Bergen","days":3}' },
              },
            ],
          },
          { role: 'tool', tool_call_id: 'call_1', content: 'no such city' },
          { role: 'tool', tool_call_id: 'call_2', content: [{ type: 'text', text: 'rain' }] },
          { role: 'user', content: 'And?' },
        ],
      },
      anthropic: {
        max_tokens: 100,
        tools: [anthropicTool],
        messages: [
          question,
          {
            role: 'assistant',
            content: [
              { type: 'text', text: 'Let me look.' },
              { type: 'tool_use', id: 'call_1', name: 'get_weather', input: { city: 'Oslo' } },
              { type: 'tool_use', id: 'call_2', name: 'get_weather', input: { city: 'Bergen', days: 3 } },
            ],
          },
          {
            role: 'user',
            content: [
              { type: 'tool_result', tool_use_id: 'call_1', content: 'no such city', is_error: true },
              {
                type: 'tool_result',
                tool_use_id: 'call_2',
                content: [
                  { type: 'text', text: 'rain' },
                  { type: 'image', source: { type: 'base64', media_type: 'image/png', data: picture } },
                ],
              },
              { type: 'text', text: 'And?' },
            ],
          },
        ],
      },
    },
    becomes: {
      openai: {
        max_completion_tokens: 100,
        tools: [openaiTool],
        messages: [
          question,
          {
            role: 'assistant',
            content: 'Let me look.',
            tool_calls: [
              { id: 'call_1', type: 'function', function: { name: 'get_weather', arguments: '{"city":"Oslo"}' } },
              {
                id: 'call_2',
                type: 'function',
                function: { name: 'get_weather', arguments: '{"city":"Bergen","days":3}' },
              },
            ],
          },
          { role: 'tool', tool_call_id: 'call_1', content: 'no such city' },
          { role: 'tool', tool_call_id: 'call_2', content: 'rain' },
          {
            role: 'user',
            content: [
              textBlock('Content of the result of tool call call_2:'),
              { type: 'image_url', image_url: { url: `data:image/png;base64,${picture}` } },
            ],
          },
          { role: 'user', content: 'And?' },
        ],
      },
      anthropic: {
        max_tokens: 100,
        tools: [anthropicTool],
        messages: [
          questionBlocks,
          {
            role: 'assistant',
            content: [
              textBlock('Let me look.'),
              toolUse('call_1', 'get_weather', { city: 'Oslo' }),
              toolUse('call_2', 'get_weather', { city: 'Bergen', days: 3 }),
            ],
          },
          {
            role: 'user',
            content: [
              { type: 'tool_result', tool_use_id: 'call_1', content: [textBlock('no such city')] },
              { type: 'tool_result', tool_use_id: 'call_2', content: [textBlock('rain')] },
              textBlock('And?'),
            ],
          },
        ],
      },
    },
    lost: { anthropic: ['messages[2].content[0].is_error', 'messages[2].content[1].content[1]'] },
    answers: { openai: { text: 'Rain in Bergen.' }, anthropic: { content: [textBlock('Rain in Bergen.')] } },
    shows: { text: 'Rain in Bergen.', finish: 'stop', usage },
  },
  {
    name: 'calls with ids that another service made',
    asks: {
      openai: {
        tools: [openaiTool],
        messages: [
          question,
          {
            role: 'assistant',
            tool_calls: [
              { id: 'functions.get_weather:0', type: 'function', function: { name: 'get_weather', arguments: '' } },
            ],
          },
          { role: 'tool', tool_call_id: 'functions.get_weather:0', content: '' },
        ],
      },
    },
    becomes: {
      anthropic: {
        max_tokens: 64_000,
        tools: [anthropicTool],
        messages: [
          questionBlocks,
          { role: 'assistant', content: [toolUse('functions_2eget_weather_3a0', 'get_weather', {})] },
          { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'functions_2eget_weather_3a0', content: [] }] },
        ],
      },
    },
    answers: called,
    shows: calledShown,
  },
  {
    name: 'arguments that fill a file',
    ...withTool,
    answers: {
      openai: { text: null, calls: [{ id: 'call_1', name: 'get_weather', arguments: hugeJson }], finish: 'tool_calls' },
      anthropic: { content: [toolUse('call_1', 'get_weather', hugeArguments)], stop: 'tool_use' },
    },
    shows: { ...calledShown, calls: [{ id: 'call_1', name: 'get_weather', arguments: hugeArguments }] },
    cuts: cuts.filter(({ name }) => name === 'whole' || name === 'random'),
  },
]
