/** Ollama's own library. */
import { Ollama } from 'ollama'
import type { ChatResponse, Message, Tool } from 'ollama'
import type { Ask, Client, Gate, ShownAnswer } from './client.ts'

export function ollamaClient({ url, key }: Gate): Client {
  const client = new Ollama({ host: url, headers: { authorization: `Bearer ${key}` } })
  const params = (ask: Ask) => ({
    model: ask.model,
    messages: messagesOf(ask),
    ...(ask.tools !== undefined && {
      tools: ask.tools.map(({ name, description, schema }): Tool => ({
        type: 'function',
        function: { name, description, parameters: schema },
      })),
    }),
  })
  return {
    name: 'ollama',
    dialect: 'ollama-chat',
    async ask(ask) {
      return shown([await client.chat({ ...params(ask), stream: false })])
    },
    async stream(ask) {
      return shown(await Array.fromAsync(await client.chat({ ...params(ask), stream: true })))
    },
  }
}

function messagesOf({ system, prompt, image, called }: Ask): Message[] {
  return [
    ...(system === undefined ? [] : [{ role: 'system', content: system }]),
    { role: 'user', content: prompt, ...(image !== undefined && { images: [image] }) },
    ...(called === undefined
      ? []
      : [
          {
            role: 'assistant',
            content: '',
            tool_calls: [{ function: { name: called.name, arguments: called.arguments } }],
          },
          { role: 'tool', content: called.result, tool_name: called.name },
        ]),
  ]
}

function shown(chunks: readonly ChatResponse[]): ShownAnswer {
  const last = chunks.at(-1)
  return {
    text: chunks.map(({ message }) => message.content).join(''),
    calls: chunks.flatMap(({ message }) =>
      (message.tool_calls ?? []).map((call) => ({ name: call.function.name, arguments: call.function.arguments })),
    ),
    inputTokens: last?.prompt_eval_count,
    outputTokens: last?.eval_count,
  }
}
