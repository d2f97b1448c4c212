/** Google's own library. */
import { GoogleGenAI } from '@google/genai'
import type { Content, GenerateContentParameters, GenerateContentResponse } from '@google/genai'
import type { Ask, Client, Gate, ShownAnswer } from './client.ts'

export function googleClient({ url, key }: Gate): Client {
  const client = new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl: url } })
  const params = (ask: Ask): GenerateContentParameters => ({
    model: ask.model,
    contents: contentsOf(ask),
    config: {
      ...(ask.system !== undefined && { systemInstruction: ask.system }),
      ...(ask.tools !== undefined && {
        tools: [
          {
            functionDeclarations: ask.tools.map(({ name, description, schema }) => ({
              name,
              description,
              parametersJsonSchema: schema,
            })),
          },
        ],
      }),
    },
  })
  return {
    name: '@google/genai',
    dialect: 'gemini',
    async ask(ask) {
      return shown([await client.models.generateContent(params(ask))])
    },
    async stream(ask) {
      return shown(await Array.fromAsync(await client.models.generateContentStream(params(ask))))
    },
  }
}

function contentsOf({ prompt, image, called }: Ask): Content[] {
  return [
    {
      role: 'user',
      parts: [
        { text: prompt },
        ...(image === undefined ? [] : [{ inlineData: { mimeType: 'image/png', data: image } }]),
      ],
    },
    ...(called === undefined
      ? []
      : [
          {
            role: 'model',
            parts: [{ functionCall: { id: called.id, name: called.name, args: called.arguments } }],
          },
          {
            role: 'user',
            parts: [{ functionResponse: { id: called.id, name: called.name, response: { output: called.result } } }],
          },
        ]),
  ]
}

function shown(chunks: readonly GenerateContentResponse[]): ShownAnswer {
  const parts = chunks.flatMap(({ candidates }) => candidates?.[0]?.content?.parts ?? [])
  const usage = chunks.findLast(({ usageMetadata }) => usageMetadata !== undefined)?.usageMetadata
  return {
    text: parts.map(({ text, thought }) => (thought === true ? '' : (text ?? ''))).join(''),
    calls: parts.flatMap(({ functionCall }) =>
      functionCall === undefined ? [] : [{ name: functionCall.name ?? '', arguments: functionCall.args }],
    ),
    inputTokens: usage?.promptTokenCount,
    outputTokens: (usage?.candidatesTokenCount ?? 0) + (usage?.thoughtsTokenCount ?? 0),
  }
}
