/** Which protocol a client speaks that asks for nothing the gateway serves: errors must come in the shape that it can read. */
import type { FaultCodec } from '../kernel/dialect.ts'

/** Error shapes by protocol. OpenAI's is what everybody gets who is not known to speak another. */
export interface ProtocolFaults {
  readonly openai: FaultCodec
  readonly anthropic: FaultCodec
  readonly gemini: FaultCodec
  readonly ollama: FaultCodec
}

/** Other paths below `/api` are the gateway's own. */
const ollamaPath =
  /^\/api\/(?:blobs|chat|copy|create|delete|embed|embeddings|generate|ps|pull|push|show|tags|version)(?:$|\/)/

export function protocolOf(
  path: string,
  headers: Readonly<Record<string, string | string[] | undefined>>,
): keyof ProtocolFaults {
  if (path.startsWith('/v1/messages') || headers['anthropic-version'] !== undefined) return 'anthropic'
  if (path.startsWith('/v1beta/') || headers['x-goog-api-key'] !== undefined) return 'gemini'
  return ollamaPath.test(path) ? 'ollama' : 'openai'
}
