/** OpenAI's own library, on each of its three protocols. */
import OpenAI from 'openai'
import type { ChatCompletionMessageParam } from 'openai/resources/chat/completions'
import type { Response as ModelResponse, ResponseInput } from 'openai/resources/responses/responses'
import type { Ask, Client, Gate, ShownAnswer } from './client.ts'

const connect = ({ url, key }: Gate): OpenAI => new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries: 0 })
const pngUrl = (image: string): string => `data:image/png;base64,${image}`

function chatMessages({ system, prompt, image, called }: Ask): ChatCompletionMessageParam[] {
  return [
    ...(system === undefined ? [] : [{ role: 'system' as const, content: system }]),
    {
      role: 'user',
      content:
        image === undefined
          ? prompt
          : [
              { type: 'text', text: prompt },
              { type: 'image_url', image_url: { url: pngUrl(image) } },
            ],
    },
    ...(called === undefined
      ? []
      : [
          {
            role: 'assistant' as const,
            tool_calls: [
              {
                id: called.id,
                type: 'function' as const,
                function: { name: called.name, arguments: JSON.stringify(called.arguments) },
              },
            ],
          },
          { role: 'tool' as const, tool_call_id: called.id, content: called.result },
        ]),
  ]
}

export function openaiChatClient(gate: Gate): Client {
  const client = connect(gate)
  const params = (ask: Ask) => ({
    model: ask.model,
    messages: chatMessages(ask),
    ...(ask.tools !== undefined && {
      tools: ask.tools.map(({ name, description, schema }) => ({
        type: 'function' as const,
        function: { name, description, parameters: schema },
      })),
    }),
  })
  return {
    name: 'openai, chat completions',
    dialect: 'openai-chat',
    async ask(ask) {
      return shownChat(await client.chat.completions.create(params(ask)))
    },
    async stream(ask) {
      const stream = client.chat.completions.stream({ ...params(ask), stream_options: { include_usage: true } })
      return shownChat(await stream.finalChatCompletion())
    },
  }
}

function shownChat({ choices, usage }: OpenAI.ChatCompletion): ShownAnswer {
  const message = choices[0]?.message
  return {
    text: message?.content ?? '',
    calls: (message?.tool_calls ?? []).map((call) =>
      call.type === 'function'
        ? { name: call.function.name, arguments: JSON.parse(call.function.arguments) as unknown }
        : { name: call.custom.name, arguments: call.custom.input },
    ),
    inputTokens: usage?.prompt_tokens,
    outputTokens: usage?.completion_tokens,
  }
}

export function openaiResponsesClient(gate: Gate): Client {
  const client = connect(gate)
  const params = (ask: Ask) => ({
    model: ask.model,
    store: false,
    ...(ask.system !== undefined && { instructions: ask.system }),
    input: responsesInput(ask),
    ...(ask.tools !== undefined && {
      tools: ask.tools.map(({ name, description, schema }) => ({
        type: 'function' as const,
        name,
        description,
        parameters: schema,
        strict: false,
      })),
    }),
  })
  return {
    name: 'openai, responses',
    dialect: 'openai-responses',
    async ask(ask) {
      return shownResponse(await client.responses.create(params(ask)))
    },
    async stream(ask) {
      return shownResponse(await client.responses.stream(params(ask)).finalResponse())
    },
  }
}

function responsesInput({ prompt, image, called }: Ask): ResponseInput {
  return [
    {
      role: 'user',
      content: [
        { type: 'input_text', text: prompt },
        ...(image === undefined
          ? []
          : [{ type: 'input_image' as const, image_url: pngUrl(image), detail: 'auto' as const }]),
      ],
    },
    ...(called === undefined
      ? []
      : [
          {
            type: 'function_call' as const,
            call_id: called.id,
            name: called.name,
            arguments: JSON.stringify(called.arguments),
          },
          { type: 'function_call_output' as const, call_id: called.id, output: called.result },
        ]),
  ]
}

function shownResponse({ output, output_text: text, usage }: ModelResponse): ShownAnswer {
  return {
    text,
    calls: output.flatMap((item) =>
      item.type === 'function_call' ? [{ name: item.name, arguments: JSON.parse(item.arguments) as unknown }] : [],
    ),
    inputTokens: usage?.input_tokens,
    outputTokens: usage?.output_tokens,
  }
}

export function openaiCompletionsClient(gate: Gate): Client {
  const client = connect(gate)
  return {
    name: 'openai, completions',
    dialect: 'openai-completions',
    lacks: ['tools', 'image'],
    async ask({ model, prompt }) {
      const { choices, usage } = await client.completions.create({ model, prompt })
      return {
        text: choices[0]?.text ?? '',
        calls: [],
        inputTokens: usage?.prompt_tokens,
        outputTokens: usage?.completion_tokens,
      }
    },
    async stream({ model, prompt }) {
      let text = ''
      let usage: OpenAI.CompletionUsage | null | undefined
      const stream = await client.completions.create({
        model,
        prompt,
        stream: true,
        stream_options: { include_usage: true },
      })
      for await (const chunk of stream) {
        text += chunk.choices[0]?.text ?? ''
        usage = chunk.usage ?? usage
      }
      return { text, calls: [], inputTokens: usage?.prompt_tokens, outputTokens: usage?.completion_tokens }
    },
  }
}
