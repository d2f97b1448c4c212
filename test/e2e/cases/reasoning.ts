/** Cases of reasoning: asked for as an effort or a budget, shown to the client wherever it comes from. */
import type { Case } from '../matrix.ts'
import { textBlock, thinking } from '../wire/anthropic-wire.ts'

const usage = { input: 21, output: 9 }
const ask = { role: 'user', content: 'Which is larger, 9.9 or 9.11?' } as const
const askBlocks = { role: 'user', content: [textBlock(ask.content)] }
const thought = 'Compare the tenths: nine is more than one. 🤔'
const answers = {
  openai: { text: '9.9', reasoning: thought },
  anthropic: { content: [thinking(thought, 'EqQBCgIYAhIM1gbcDa9GJwZA2b3h'), textBlock('9.9')] },
}
const answerLost = { openai: ['choices[0].content[0]'] }
const shows = { text: '9.9', reasoning: thought, finish: 'stop', usage } as const

export const reasoningCases: readonly Case[] = [
  {
    name: 'reasoning by an effort or a budget',
    asks: {
      openai: { messages: [ask], max_completion_tokens: 4000, reasoning_effort: 'low' },
      anthropic: { messages: [ask], max_tokens: 4000, thinking: { type: 'enabled', budget_tokens: 2048 } },
    },
    becomes: {
      openai: { messages: [ask], max_completion_tokens: 4000, reasoning_effort: 'low' },
      anthropic: { messages: [askBlocks], max_tokens: 4000, thinking: { type: 'enabled', budget_tokens: 2048 } },
    },
    lost: { anthropic: ['thinking.budget_tokens'] },
    answers,
    answerLost,
    shows,
  },
  {
    name: 'reasoning by an effort, for a model that takes one',
    asks: {
      openai: { messages: [ask], max_completion_tokens: 4000, reasoning_effort: 'high', temperature: 0.2 },
      anthropic: {
        messages: [ask],
        max_tokens: 4000,
        thinking: { type: 'adaptive' },
        output_config: { effort: 'high' },
      },
    },
    becomes: {
      openai: { messages: [ask], max_completion_tokens: 4000, reasoning_effort: 'high' },
      anthropic: {
        messages: [askBlocks],
        max_tokens: 4000,
        thinking: { type: 'adaptive' },
        output_config: { effort: 'high' },
      },
    },
    lost: { openai: ['temperature'] },
    models: { anthropic: 'claude-opus-4-7' },
    answers,
    answerLost,
    shows,
  },
  {
    name: 'reasoning that nobody may read',
    asks: {
      openai: { messages: [ask], max_completion_tokens: 4000, reasoning_effort: 'low' },
      anthropic: { messages: [ask], max_tokens: 4000, thinking: { type: 'enabled', budget_tokens: 2048 } },
    },
    becomes: {
      openai: { messages: [ask], max_completion_tokens: 4000, reasoning_effort: 'low' },
      anthropic: { messages: [askBlocks], max_tokens: 4000, thinking: { type: 'enabled', budget_tokens: 2048 } },
    },
    lost: { anthropic: ['thinking.budget_tokens'] },
    answers: {
      openai: { text: '9.9' },
      anthropic: { content: [{ type: 'redacted_thinking', data: 'EmwKAhgBEgy3va3pzix' }, textBlock('9.9')] },
    },
    shows: { text: '9.9', finish: 'stop', usage },
  },
]
