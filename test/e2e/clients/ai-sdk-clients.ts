/** Vercel's AI SDK with its providers for OpenAI (Responses and Chat), Anthropic and Google. */
import { createAnthropic } from '@ai-sdk/anthropic'
import { createGoogleGenerativeAI } from '@ai-sdk/google'
import { createOpenAI } from '@ai-sdk/openai'
import { generateText, jsonSchema, streamText } from 'ai'
import type { LanguageModel, ModelMessage, ToolSet } from 'ai'
import type { Ask, AskedTool, Client, Gate, ShownAnswer } from './client.ts'

export function aiSdkClients({ url, key }: Gate): Client[] {
  const openai = createOpenAI({ baseURL: `${url}/v1`, apiKey: key })
  const anthropic = createAnthropic({ baseURL: `${url}/v1`, apiKey: key })
  const google = createGoogleGenerativeAI({ baseURL: `${url}/v1beta`, apiKey: key })
  return [
    aiSdkClient('ai, openai responses', 'openai-responses', (model) => openai.responses(model)),
    aiSdkClient('ai, openai chat', 'openai-chat', (model) => openai.chat(model)),
    aiSdkClient('ai, anthropic', 'anthropic-messages', (model) => anthropic(model)),
    aiSdkClient('ai, google', 'gemini', (model) => google(model)),
  ]
}

function aiSdkClient(name: string, dialect: string, modelOf: (id: string) => LanguageModel): Client {
  const params = (ask: Ask) => ({
    model: modelOf(ask.model),
    maxRetries: 0,
    maxOutputTokens: 1000,
    messages: messagesOf(ask),
    ...(ask.system !== undefined && { system: ask.system }),
    ...(ask.tools !== undefined && { tools: toolsOf(ask.tools) }),
  })
  return {
    name,
    dialect,
    async ask(ask) {
      const { text, toolCalls, usage } = await generateText(params(ask))
      return shown(text, toolCalls, usage)
    },
    async stream(ask) {
      let failure: Error | undefined
      const result = streamText({
        ...params(ask),
        onError({ error }) {
          failure = error instanceof Error ? error : new Error(String(error))
        },
      })
      const [text, calls, usage] = await Promise.all([result.text, result.toolCalls, result.usage])
      if (failure !== undefined) throw failure
      return shown(text, calls, usage)
    },
  }
}

function toolsOf(asked: readonly AskedTool[]): ToolSet {
  const tools: ToolSet = {}
  for (const { name, description, schema } of asked) {
    tools[name] = { description, inputSchema: jsonSchema(schema as Parameters<typeof jsonSchema>[0]) }
  }
  return tools
}

function messagesOf({ prompt, image, called }: Ask): ModelMessage[] {
  return [
    {
      role: 'user',
      content: [
        { type: 'text', text: prompt },
        ...(image === undefined
          ? []
          : [{ type: 'file' as const, data: Buffer.from(image, 'base64'), mediaType: 'image/png' }]),
      ],
    },
    ...(called === undefined
      ? []
      : [
          {
            role: 'assistant' as const,
            content: [
              { type: 'tool-call' as const, toolCallId: called.id, toolName: called.name, input: called.arguments },
            ],
          },
          {
            role: 'tool' as const,
            content: [
              {
                type: 'tool-result' as const,
                toolCallId: called.id,
                toolName: called.name,
                output: { type: 'text' as const, value: called.result },
              },
            ],
          },
        ]),
  ]
}

function shown(
  text: string,
  calls: readonly { readonly toolName: string; readonly input: unknown }[],
  usage: { readonly inputTokens: number | undefined; readonly outputTokens: number | undefined },
): ShownAnswer {
  return {
    text,
    calls: calls.map(({ toolName, input }) => ({ name: toolName, arguments: input })),
    inputTokens: usage.inputTokens,
    outputTokens: usage.outputTokens,
  }
}
