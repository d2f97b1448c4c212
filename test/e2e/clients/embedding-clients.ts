/** The libraries that ask for vectors, each through one question and its answer. */
import { createGoogleGenerativeAI } from '@ai-sdk/google'
import { createOpenAI } from '@ai-sdk/openai'
import { GoogleGenAI } from '@google/genai'
import { embed, embedMany } from 'ai'
import { CohereClient, CohereClientV2 } from 'cohere-ai'
import { Ollama } from 'ollama'
import OpenAI from 'openai'
import { clientKey } from '../../harness/gateway.ts'

export interface EmbeddingClient {
  readonly name: string
  /** Reads no usage where the library does not tell it. */
  embed(model: string, texts: string[]): Promise<{ vectors: number[][]; tokens: number | undefined }>
}

/** The gateway need not have been started when they are made. */
export function embeddingClients(gateway: () => { readonly url: string }): readonly EmbeddingClient[] {
  const openaiOf = (): OpenAI => new OpenAI({ apiKey: clientKey, baseURL: `${gateway().url}/v1`, maxRetries: 0 })
  const googleOf = (): GoogleGenAI => new GoogleGenAI({ apiKey: clientKey, httpOptions: { baseUrl: gateway().url } })
  const cohereOf = (): CohereClientV2 =>
    new CohereClientV2({ token: clientKey, environment: gateway().url, maxRetries: 0 })
  const ollamaOf = (): Ollama => new Ollama({ host: gateway().url, headers: { authorization: `Bearer ${clientKey}` } })

  return [
    openaiClient(openaiOf),
    openaiClient(openaiOf, 'float'),
    openaiClient(openaiOf, 'base64'),
    {
      name: '@google/genai',
      async embed(model, contents) {
        const { embeddings = [] } = await googleOf().models.embedContent({ model, contents })
        return { vectors: embeddings.map(({ values = [] }) => values), tokens: undefined }
      },
    },
    {
      name: 'ollama',
      async embed(model, input) {
        const answer = await ollamaOf().embed({ model, input })
        return { vectors: answer.embeddings, tokens: answer.prompt_eval_count }
      },
    },
    {
      name: 'cohere-ai, the second version',
      async embed(model, texts) {
        const asked = { model, texts, inputType: 'search_document' } as const
        const { embeddings, meta } = await cohereOf().embed({ ...asked, embeddingTypes: ['float'] })
        return { vectors: embeddings.float ?? [], tokens: meta?.billedUnits?.inputTokens }
      },
    },
    {
      name: 'cohere-ai, the second version, packed',
      async embed(model, texts) {
        const { embeddings } = await cohereOf().embed({
          model,
          texts,
          inputType: 'search_query',
          embeddingTypes: ['base64'],
        })
        return { vectors: (embeddings.base64 ?? []).map(unpacked), tokens: undefined }
      },
    },
    {
      name: 'cohere-ai, the first version',
      async embed(model, texts) {
        const client = new CohereClient({ token: clientKey, environment: gateway().url, maxRetries: 0 })
        const answer = await client.embed({ model, texts, inputType: 'clustering' })
        if (answer.responseType !== 'embeddings_floats') throw new Error('a plain list was asked for')
        return { vectors: answer.embeddings, tokens: answer.meta?.billedUnits?.inputTokens }
      },
    },
    aiSdkClient('ai, openai', (id) =>
      createOpenAI({ baseURL: `${gateway().url}/v1`, apiKey: clientKey }).embeddingModel(id),
    ),
    aiSdkClient('ai, google', (id) =>
      createGoogleGenerativeAI({ baseURL: `${gateway().url}/v1beta`, apiKey: clientKey }).embeddingModel(id),
    ),
  ]
}

function openaiClient(openaiOf: () => OpenAI, encoding?: 'float' | 'base64'): EmbeddingClient {
  return {
    name: `openai, ${encoding ?? 'by default'}`,
    async embed(model, input) {
      const asked = { model, input, ...(encoding !== undefined && { encoding_format: encoding }) }
      const { data, usage } = await openaiOf().embeddings.create(asked)
      const vectors = data.map(({ embedding }) => {
        const given: unknown = embedding
        return typeof given === 'string' ? unpacked(given) : Array.from(embedding)
      })
      return { vectors, tokens: usage.prompt_tokens }
    },
  }
}

function unpacked(base64: string): number[] {
  const bytes = Buffer.from(base64, 'base64')
  return Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4))
}

function aiSdkClient(name: string, modelOf: (id: string) => Parameters<typeof embedMany>[0]['model']): EmbeddingClient {
  return {
    name,
    async embed(id, values) {
      const model = modelOf(id)
      const [only] = values
      if (values.length === 1 && only !== undefined) {
        const { embedding, usage } = await embed({ model, value: only, maxRetries: 0 })
        return { vectors: [embedding], tokens: Number.isNaN(usage.tokens) ? undefined : usage.tokens }
      }
      const { embeddings, usage } = await embedMany({ model, values, maxRetries: 0 })
      return { vectors: embeddings, tokens: Number.isNaN(usage.tokens) ? undefined : usage.tokens }
    },
  }
}
