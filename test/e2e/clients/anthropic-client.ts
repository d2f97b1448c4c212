/** Anthropic's own library. */
import Anthropic from '@anthropic-ai/sdk'
import type { Message, MessageParam, Tool } from '@anthropic-ai/sdk/resources/messages'
import type { Ask, Client, Gate, ShownAnswer } from './client.ts'

export function anthropicClient({ url, key }: Gate): Client {
  const client = new Anthropic({ baseURL: url, apiKey: key, maxRetries: 0 })
  const params = (ask: Ask) => ({
    model: ask.model,
    max_tokens: 1000,
    ...(ask.system !== undefined && { system: ask.system }),
    messages: messagesOf(ask),
    ...(ask.tools !== undefined && {
      tools: ask.tools.map(({ name, description, schema }): Tool => ({
        name,
        description,
        input_schema: schema as Tool['input_schema'],
      })),
    }),
  })
  return {
    name: 'anthropic',
    dialect: 'anthropic-messages',
    async ask(ask) {
      return shown(await client.messages.create(params(ask)))
    },
    async stream(ask) {
      return shown(await client.messages.stream(params(ask)).finalMessage())
    },
  }
}

function messagesOf({ prompt, image, called }: Ask): MessageParam[] {
  return [
    {
      role: 'user',
      content: [
        { type: 'text', text: prompt },
        ...(image === undefined
          ? []
          : [
              {
                type: 'image' as const,
                source: { type: 'base64' as const, media_type: 'image/png' as const, data: image },
              },
            ]),
      ],
    },
    ...(called === undefined
      ? []
      : [
          {
            role: 'assistant' as const,
            content: [{ type: 'tool_use' as const, id: called.id, name: called.name, input: called.arguments }],
          },
          {
            role: 'user' as const,
            content: [{ type: 'tool_result' as const, tool_use_id: called.id, content: called.result }],
          },
        ]),
  ]
}

function shown({ content, usage }: Message): ShownAnswer {
  return {
    text: content.map((block) => (block.type === 'text' ? block.text : '')).join(''),
    calls: content.flatMap((block) =>
      block.type === 'tool_use' ? [{ name: block.name, arguments: block.input }] : [],
    ),
    inputTokens: usage.input_tokens + (usage.cache_read_input_tokens ?? 0) + (usage.cache_creation_input_tokens ?? 0),
    outputTokens: usage.output_tokens,
  }
}
