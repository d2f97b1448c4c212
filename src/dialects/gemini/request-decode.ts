/** Decodes a request to generate content. The model, and whether to stream, stand in its address. */
import type { RequestAddress } from '../../kernel/dialect.ts'
import type { ChatRequest } from '../../model/chat.ts'
import { isJsonObject } from '../../model/json.ts'
import { wrongType } from '../../kernel/codec/member-reader.ts'
import { decodeConversation } from './contents-decode.ts'
import { MemberReader } from './members.ts'
import { decodeTier } from './service-tier.ts'
import { decodeSettings } from './settings-decode.ts'
import { decodeToolChoice, decodeTools } from './tools.ts'

export function decodeRequest(json: unknown, address?: RequestAddress): ChatRequest {
  if (!isJsonObject(json)) throw wrongType('body', 'a JSON object', json)
  const reader = new MemberReader(json, '')
  const messages = decodeConversation(reader)
  const settings = decodeSettings(reader)
  const tools = decodeTools(reader)
  const toolChoice = decodeToolChoice(reader)
  const metadata = decodeLabels(reader)
  const serviceTier = decodeTier(reader.peek('serviceTier'))
  if (serviceTier !== undefined) reader.take('serviceTier')
  return {
    model: address?.model ?? '',
    stream: address?.stream ?? false,
    messages,
    ...settings,
    ...(tools !== undefined && { tools }),
    ...(toolChoice !== undefined && { toolChoice }),
    ...(metadata !== undefined && { metadata }),
    ...(serviceTier !== undefined && { serviceTier }),
    ...reader.node(),
  }
}

/** Vertex AI's labels of a request, for its bill. */
function decodeLabels(reader: MemberReader): Record<string, string> | undefined {
  const labels = reader.peek('labels')
  if (!isJsonObject(labels)) return undefined
  const entries = Object.entries(labels).filter((entry): entry is [string, string] => typeof entry[1] === 'string')
  if (entries.length !== Object.keys(labels).length) return undefined
  reader.take('labels')
  return Object.fromEntries(entries)
}
