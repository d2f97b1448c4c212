/** Cases of plain talk: who says what, how it ends, what it is counted as. */
import type { Case } from '../matrix.ts'
import { textBlock } from '../wire/anthropic-wire.ts'

const usage = { input: 21, output: 9 }
const hello = { openai: { text: 'Hello there!' }, anthropic: { content: [textBlock('Hello there!')] } }
const helloShown = { text: 'Hello there!', finish: 'stop', usage } as const
const hi = { role: 'user', content: 'Hi.' } as const
const hiBlocks = { role: 'user', content: [textBlock('Hi.')] }
const simple: Pick<Case, 'asks' | 'becomes'> = {
  asks: {
    openai: { messages: [hi], max_completion_tokens: 100 },
    anthropic: { messages: [hi], max_tokens: 100 },
  },
  becomes: {
    openai: { messages: [hi], max_completion_tokens: 100 },
    anthropic: { messages: [hiBlocks], max_tokens: 100 },
  },
}

/** Beyond the basic plane, right to left, joined, combining, escaped in JSON, and characters that only look harmless. */
const odd =
  'a\u0000b "q" \\n é e\u0301 שלום مرحبا 日本 👩‍👩‍👧‍👦 🇩🇪 𝒳 \u2028\u2029\ufeff\u200f </script> \ud83d\ude80 \r\n\tend'

export const textCases: readonly Case[] = [
  { name: 'a plain question', ...simple, answers: hello, shows: helloShown },
  {
    name: 'a conversation of several turns with instructions',
    asks: {
      openai: {
        messages: [
          { role: 'system', content: 'Be kind.' },
          { role: 'developer', content: [{ type: 'text', text: 'Be brief.' }] },
          { role: 'user', content: 'One?', name: 'ann' },
          { role: 'assistant', content: 'Two.' },
          {
            role: 'user',
            content: [
              { type: 'text', text: 'Three?' },
              { type: 'text', text: 'Or four?' },
            ],
          },
        ],
      },
      anthropic: {
        max_tokens: 50,
        system: [
          { type: 'text', text: 'Be kind.', cache_control: { type: 'ephemeral' } },
          { type: 'text', text: 'Be brief.' },
        ],
        messages: [
          { role: 'user', content: 'One?' },
          { role: 'assistant', content: [{ type: 'text', text: 'Two.' }] },
          {
            role: 'user',
            content: [
              { type: 'text', text: 'Three?' },
              { type: 'text', text: 'Or four?' },
            ],
          },
        ],
      },
    },
    becomes: {
      openai: {
        max_completion_tokens: 50,
        messages: [
          { role: 'system', content: [textBlock('Be kind.'), textBlock('Be brief.')] },
          { role: 'user', content: 'One?' },
          { role: 'assistant', content: 'Two.' },
          { role: 'user', content: [textBlock('Three?'), textBlock('Or four?')] },
        ],
      },
      anthropic: {
        // The most that the model can write, since this protocol wants a limit.
        max_tokens: 64_000,
        system: [textBlock('Be kind.'), textBlock('Be brief.')],
        messages: [
          { role: 'user', content: [textBlock('One?')] },
          { role: 'assistant', content: [textBlock('Two.')] },
          { role: 'user', content: [textBlock('Three?'), textBlock('Or four?')] },
        ],
      },
    },
    lost: { openai: ['messages[2].name'], anthropic: ['system[0].cache_control'] },
    answers: hello,
    shows: helloShown,
  },
  {
    name: 'every setting that both protocols know',
    asks: {
      openai: {
        messages: [hi],
        max_completion_tokens: 100,
        temperature: 0.5,
        stop: ['END', 'STOP'],
        service_tier: 'default',
        parallel_tool_calls: false,
        tools: [{ type: 'function', function: { name: 'now', parameters: { type: 'object', properties: {} } } }],
        extra: { user: 'user-1' },
      },
      anthropic: {
        messages: [hi],
        max_tokens: 100,
        stop_sequences: ['END', 'STOP'],
        metadata: { user_id: 'user-1' },
        service_tier: 'standard_only',
        tool_choice: { type: 'auto', disable_parallel_tool_use: true },
        tools: [{ name: 'now', input_schema: { type: 'object', properties: {} } }],
        extra: { temperature: 0.5 },
      },
    },
    becomes: {
      openai: {
        messages: [hi],
        max_completion_tokens: 100,
        temperature: 0.5,
        stop: ['END', 'STOP'],
        user: 'user-1',
        service_tier: 'default',
        tool_choice: 'auto',
        parallel_tool_calls: false,
        tools: [{ type: 'function', function: { name: 'now', parameters: { type: 'object', properties: {} } } }],
      },
      anthropic: {
        messages: [hiBlocks],
        max_tokens: 100,
        temperature: 0.5,
        stop_sequences: ['END', 'STOP'],
        metadata: { user_id: 'user-1' },
        service_tier: 'standard_only',
        tool_choice: { type: 'auto', disable_parallel_tool_use: true },
        tools: [{ name: 'now', input_schema: { type: 'object', properties: {} } }],
      },
    },
    answers: hello,
    shows: helloShown,
  },
  {
    name: 'settings that the other protocol does not know',
    asks: {
      openai: {
        messages: [hi],
        frequency_penalty: 0.5,
        presence_penalty: -0.5,
        logit_bias: { '50256': -100 },
        verbosity: 'low',
        metadata: { team: 'search' },
        prompt_cache_key: 'key-1',
        store: false,
        temperature: 1.5,
        service_tier: 'flex',
        extra: { seed: 7, n: 2, logprobs: true, top_logprobs: 3 },
      },
      anthropic: {
        messages: [hi],
        max_tokens: 100,
        container: 'container_01',
        extra: { top_k: 40, unheard_of: { deep: [1] } },
      },
    },
    becomes: {
      openai: { messages: [hi], max_completion_tokens: 100 },
      anthropic: { messages: [hiBlocks], max_tokens: 64_000, temperature: 1 },
    },
    lost: {
      openai: [
        'frequency_penalty',
        'presence_penalty',
        'seed',
        'n',
        'logprobs',
        'logit_bias',
        'verbosity',
        'metadata',
        'prompt_cache_key',
        'store',
        'temperature',
        'service_tier',
      ],
      anthropic: ['container', 'top_k', 'unheard_of'],
    },
    answers: hello,
    shows: helloShown,
  },
  {
    name: 'instructions in the middle of a conversation',
    asks: {
      openai: {
        messages: [hi, { role: 'assistant', content: 'Yes?' }, { role: 'developer', content: 'Answer in rhyme.' }, hi],
      },
    },
    becomes: {
      anthropic: {
        max_tokens: 64_000,
        messages: [
          hiBlocks,
          { role: 'assistant', content: [textBlock('Yes?')] },
          { role: 'user', content: [textBlock('<system>\nAnswer in rhyme.\n</system>'), textBlock('Hi.')] },
        ],
      },
    },
    lost: { openai: ['messages[2]'] },
    answers: hello,
    shows: helloShown,
  },
  {
    name: 'an empty answer',
    ...simple,
    answers: { openai: { text: '' }, anthropic: { content: [] } },
    shows: { text: '', finish: 'stop', usage },
  },
  {
    name: 'an answer that meets its limit',
    ...simple,
    answers: {
      openai: { text: 'And so', finish: 'length' },
      anthropic: { content: [textBlock('And so')], stop: 'max_tokens' },
    },
    shows: { text: 'And so', finish: 'length', usage },
  },
  {
    name: 'an answer that meets a stop sequence',
    ...simple,
    answers: {
      openai: { text: 'one, two, ' },
      anthropic: { content: [textBlock('one, two, ')], stop: 'stop_sequence', stopSequence: 'three' },
    },
    answerLost: { anthropic: ['choices[0].stop_sequence'] },
    // Only Anthropic's protocol tells which one it was.
    shows: ({ client, upstream }) => ({
      text: 'one, two, ',
      finish: client === 'anthropic' && upstream === 'anthropic' ? 'stop:three' : 'stop',
      usage,
    }),
  },
  {
    name: 'an answer that a filter ends',
    ...simple,
    answers: {
      openai: { text: 'First, ', finish: 'content_filter' },
      anthropic: { content: [textBlock('First, ')], stop: 'refusal' },
    },
    answerLost: { anthropic: ['choices[0].finish_reason'] },
    shows: { text: 'First, ', finish: 'content_filter', usage },
  },
  {
    name: 'a refusal in words',
    ...simple,
    answers: {
      openai: { text: null, refusal: 'I cannot help with that.' },
      anthropic: { content: [textBlock('I cannot help with that.')], stop: 'refusal' },
    },
    answerLost: { openai: ['choices[0].content[0]'], anthropic: ['choices[0].finish_reason'] },
    // OpenAI has a member of its own for it, Anthropic a reason to stop.
    shows: ({ client, upstream }) =>
      client === 'openai' && upstream === 'openai'
        ? { text: '', refusal: 'I cannot help with that.', finish: 'stop', usage }
        : { text: 'I cannot help with that.', finish: 'content_filter', usage },
  },
  {
    name: 'usage with cached input',
    ...simple,
    answers: {
      openai: {
        text: 'Hello there!',
        usage: {
          prompt_tokens: 2100,
          completion_tokens: 90,
          total_tokens: 2190,
          prompt_tokens_details: { cached_tokens: 2000, cache_write_tokens: 50 },
          completion_tokens_details: { reasoning_tokens: 40 },
        },
      },
      anthropic: {
        content: [textBlock('Hello there!')],
        usage: {
          input_tokens: 50,
          cache_read_input_tokens: 2000,
          cache_creation_input_tokens: 50,
          cache_creation: { ephemeral_5m_input_tokens: 50, ephemeral_1h_input_tokens: 0 },
          output_tokens: 90,
          output_tokens_details: { thinking_tokens: 40 },
          service_tier: 'standard',
        },
      },
    },
    shows: {
      text: 'Hello there!',
      finish: 'stop',
      usage: { input: 2100, output: 90, cacheRead: 2000, cacheWrite: 50, reasoning: 40 },
    },
  },
  {
    name: 'text of every alphabet',
    asks: {
      openai: { messages: [{ role: 'user', content: odd }] },
      anthropic: { messages: [{ role: 'user', content: odd }], max_tokens: 100 },
    },
    becomes: {
      openai: { messages: [{ role: 'user', content: odd }], max_completion_tokens: 100 },
      anthropic: { messages: [{ role: 'user', content: [textBlock(odd)] }], max_tokens: 64_000 },
    },
    answers: { openai: { text: odd }, anthropic: { content: [textBlock(odd)] } },
    shows: { text: odd, finish: 'stop', usage },
  },
  {
    name: 'text of every alphabet, escaped on the wire',
    ...simple,
    answers: { openai: { text: odd }, anthropic: { content: [textBlock(odd)] } },
    spelled: (wire) =>
      wire.replaceAll(/[^\x00-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
    shows: { text: odd, finish: 'stop', usage },
  },
  {
    name: 'events with carriage returns and comments between',
    ...simple,
    answers: hello,
    spelled: (wire) => (wire.startsWith('{') ? wire : `: hello\r\n\r\n${wire.replaceAll('\n', '\r\n')}`),
    shows: helloShown,
  },
]
