/**
 * How many tokens a request has before anybody has counted them: from its size alone where it is text, from its parts where it
 * carries encoded media, whose bytes say nothing about tokens. Rather too high than too low: money is held by it.
 */
import { asBuffer } from '../bytes/as-buffer.ts'
import type { Exchange } from '../kernel/exchange.ts'
import type { ChatRequest } from '../model/chat.ts'
import { Fault } from '../model/fault.ts'
import type { Part } from '../model/part.ts'

/** Bytes of JSON to a token; ordinary text has about four. */
const bytesPerToken = 3
/** The most that providers charge for a picture of usual size; a page of a document is about as much. */
const perImage = 2000
/** Bytes of a document's or sound's base64 to a token. */
const mediaBytesPerToken = 40
/** Bodies below this are taken by their size, whatever they hold. */
const smallBody = 16_384

export function inputEstimateOf(exchange: Exchange): number {
  exchange.inputEstimate ??= estimate(exchange)
  return exchange.inputEstimate
}

function estimate(exchange: Exchange): number {
  const bytes = exchange.body.bytes()
  const bySize = Math.ceil(bytes.length / bytesPerToken)
  if (bytes.length < smallBody) return bySize
  const view = asBuffer(bytes)
  if (!exchange.surface.dialect.mediaMarks.some((mark) => view.includes(mark, 0, 'latin1'))) return bySize
  const request = readable(exchange)
  if (request === undefined) return bySize
  const { messages, tools } = request
  const text = messages.reduce((sum, { parts }) => sum + tokensOf(parts), 0)
  return Math.min(bySize, text + Math.ceil(JSON.stringify(tools ?? []).length / bytesPerToken))
}

/** What is passed through need not be something that can be translated. */
function readable({ body }: Exchange): ChatRequest | undefined {
  try {
    return body.read() as ChatRequest
  } catch (error) {
    if (error instanceof Fault) return undefined
    throw error
  }
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
