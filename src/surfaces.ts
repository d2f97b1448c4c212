/**
 * The surfaces of the data plane: which protocol is served at which path, and what runs behind it. A part of the composition root,
 * because it names dialects.
 */
import { dialects } from './builtins.gen.ts'
import { flatText } from './bytes/flat-text.ts'
import type { ProtocolFaults } from './http/protocol.ts'
import type { ServedSurface } from './http/surface-table.ts'
import type { AnyDialect } from './kernel/deployment.ts'
import type { RequestAddress } from './kernel/dialect.ts'
import type { Run } from './pipeline/compose.ts'
import type { Pipeline } from './pipeline/pipeline.ts'
import { compactionDialect } from './pipeline/responses/compaction.ts'
import type { CompactionSeal } from './pipeline/responses/compaction-seal.ts'
import { inputTokensDialect } from './pipeline/responses/input-tokens.ts'

const dialectOf = new Map<string, AnyDialect>(dialects.map((dialect) => [dialect.id, dialect]))

/** Throws where there is none of the id: a mistake in this code, found at the first start. */
export function builtInDialect(id: string): AnyDialect {
  const dialect = dialectOf.get(id)
  if (dialect === undefined) throw new RangeError(`there is no dialect "${id}"`)
  return dialect
}

export const protocolFaults: ProtocolFaults = {
  openai: builtInDialect('openai-chat').fault,
  anthropic: builtInDialect('anthropic-messages').fault,
  gemini: builtInDialect('gemini').fault,
  ollama: builtInDialect('ollama-chat').fault,
}

/** Served by POST, and on WebSocket connections. */
export function responsesSurface(pipeline: Pipeline): ServedSurface {
  return served('/v1/responses', builtInDialect('openai-responses'), pipeline.responses)
}

function served(path: string, dialect: AnyDialect, run: Run): ServedSurface {
  return { path, surface: { id: flatText(`POST ${path}`), operation: dialect.operation, dialect }, run }
}

/** `seal` is of what compaction makes of a conversation. */
export function surfacesOf(pipeline: Pipeline, seal: CompactionSeal): ServedSurface[] {
  const runs = {
    chat: pipeline.chat,
    'count-tokens': pipeline.countTokens,
    embed: pipeline.plain,
    rerank: pipeline.plain,
    moderate: pipeline.plain,
    speech: pipeline.plain,
    transcribe: pipeline.plain,
    'translate-audio': pipeline.plain,
    search: pipeline.plain,
    image: pipeline.plain,
    'edit-image': pipeline.plain,
    'vary-image': pipeline.plain,
    video: pipeline.video,
  }
  const surface = (path: string, id: string): ServedSurface => {
    const dialect = builtInDialect(id)
    return served(path, dialect, runs[dialect.operation])
  }
  const addressed = (path: string, id: string, address: ServedSurface['address']): ServedSurface => ({
    ...surface(path, id),
    ...(address !== undefined && { address }),
  })
  const responses = builtInDialect('openai-responses')
  return [
    surface('/v1/chat/completions', 'openai-chat'),
    surface('/v1/completions', 'openai-completions'),
    responsesSurface(pipeline),
    served('/v1/responses/compact', compactionDialect(responses, seal), pipeline.compact),
    served('/v1/responses/input_tokens', inputTokensDialect(responses), pipeline.countInput),
    surface('/v1/embeddings', 'openai-embeddings'),
    surface('/v1/moderations', 'openai-moderations'),
    surface('/v1/embed', 'cohere-embed-v1'),
    surface('/v2/embed', 'cohere-embed'),
    surface('/v1/rerank', 'cohere-rerank-v1'),
    surface('/v2/rerank', 'cohere-rerank'),
    surface('/v1/audio/speech', 'openai-speech'),
    surface('/v1/audio/transcriptions', 'openai-transcriptions'),
    surface('/v1/audio/translations', 'openai-translations'),
    surface('/v1/images/generations', 'openai-images'),
    surface('/v1/images/edits', 'openai-image-edits'),
    surface('/v1/images/variations', 'openai-image-variations'),
    surface('/v1/videos', 'openai-videos'),
    {
      ...served('/v1/videos/{model}/remix', builtInDialect('openai-remix'), pipeline.remix),
      address: (model) => ({ model, stream: false }),
    },
    addressed('/v1/vector_stores/{model}/search', 'openai-vector-search', (model) => ({ model, stream: false })),
    surface('/v1/messages', 'anthropic-messages'),
    surface('/v1/messages/count_tokens', 'anthropic-count-tokens'),
    ...['/v1beta', '/v1'].flatMap((version) => [
      addressed(`${version}/{model}:generateContent`, 'gemini', (model) => geminiAddress(model, false)),
      addressed(`${version}/{model}:streamGenerateContent`, 'gemini', (model, query) =>
        geminiAddress(model, true, query.get('alt') !== 'sse'),
      ),
      ...Object.entries(geminiMethods).map(([method, id]) =>
        addressed(`${version}/{model}:${method}`, id, (model) => geminiAddress(model, false)),
      ),
    ]),
    surface('/api/chat', 'ollama-chat'),
    surface('/api/generate', 'ollama-generate'),
    surface('/api/embed', 'ollama-embed'),
  ]
}

/** Those that answer with one object and nothing else. */
const geminiMethods = {
  countTokens: 'gemini-count-tokens',
  embedContent: 'gemini-embed',
  batchEmbedContents: 'gemini-batch-embed',
  predict: 'imagen',
}

/** Google's clients write `models/` before the name, and `publishers/google/models/` when they speak to Vertex AI. */
function geminiAddress(path: string, stream: boolean, asArray = false): RequestAddress {
  const model = path.replace(/^(?:publishers\/[^/]+\/)?models\//, '')
  return { model, stream, ...(asArray && { framing: 'json-array' }) }
}
