/**
 * How many tokens a request has before anybody has counted them: from its size alone where it is text, from its parts where it
 * carries encoded media, whose bytes say nothing about tokens. Rather too high than too low: money is held by it.
 */
import type { Exchange } from '../kernel/exchange.ts'
import type { ChatRequest } from '../model/chat.ts'
import type { Part } from '../model/part.ts'

/** Bytes of JSON to a token; ordinary text has about four. */
const bytesPerToken = 3
/** The most that providers charge for a picture of usual size; a page of a document is about as much. */
const perImage = 2000
/** Bytes of a document's or sound's base64 to a token. */
const mediaBytesPerToken = 40
/** Bodies below this are taken by their size, whatever they hold. */
const smallBody = 16_384

/** Without its closing quote: Node's search for a text that begins as it ends is forty times slower. */
const marks = [
  Buffer.from(';base64,'),
  Buffer.from('"base64'),
  Buffer.from('"input_audio"'),
  Buffer.from('"file_data"'),
]

export function inputEstimateOf(exchange: Exchange): number {
  exchange.inputEstimate ??= estimate(exchange)
  return exchange.inputEstimate
}

function estimate(exchange: Exchange): number {
  const bytes = exchange.body.bytes()
  const bySize = Math.ceil(bytes.length / bytesPerToken)
  if (bytes.length < smallBody) return bySize
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  if (!marks.some((mark) => view.includes(mark))) return bySize
  const { messages, tools } = exchange.body.read() as ChatRequest
  const text = messages.reduce((sum, { parts }) => sum + tokensOf(parts), 0)
  return Math.min(bySize, text + Math.ceil(JSON.stringify(tools ?? []).length / bytesPerToken))
}

function tokensOf(parts: readonly Part[]): number {
  return parts.reduce((sum, part) => sum + tokensOfPart(part), 0)
}

function tokensOfPart(part: Part): number {
  switch (part.type) {
    case 'image':
      return perImage
    case 'audio':
    case 'video':
    case 'file': {
      const { source } = part
      if (source === undefined) return perImage
      if (source.kind === 'base64') return perImage + Math.ceil(source.data.length / mediaBytesPerToken)
      return source.kind === 'text' ? Math.ceil(Buffer.byteLength(source.text) / bytesPerToken) : perImage
    }
    case 'tool-result':
      return tokensOf(part.content)
    case 'text':
    case 'refusal':
    case 'reasoning':
    case 'tool-call':
    case 'server-tool-call':
    case 'server-tool-result':
    case 'opaque':
      return Math.ceil(Buffer.byteLength(JSON.stringify(part)) / bytesPerToken)
  }
}
