/**
 * OpenAI's protocols of pictures: https://developers.openai.com/api/reference/resources/images/methods/generate and the pages of `edit`,
 * `createVariation` and the streaming events beside it (read 2026-11-27).
 */
import { formatSseEvent } from '../../bytes/sse-writer.ts'
import { EventWatch } from '../../kernel/codec/event-watch.ts'
import { imageUsage } from '../../kernel/codec/image/provider-side.ts'
import { openaiImageUsage } from '../../kernel/codec/image/openai-usage.ts'
import { openaiErrorBody, openaiFaultCodec } from '../../kernel/codec/openai-errors.ts'
import type { Body } from '../../kernel/body.ts'
import type { ImageDialect, PassedStream } from '../../kernel/dialect.ts'
import type { FormFiles } from '../../kernel/upload.ts'
import type { ImageRequest, ImageResponse } from '../../model/image.ts'
import type { JsonObject } from '../../model/json.ts'
import { mostImages, readHead } from './openai-head.ts'
import { decodeRequest, encodeRequest } from './openai-request.ts'
import type { ImageWire } from './openai-request.ts'
import { decodeResponse, encodeResponse, eventName, readFacts } from './openai-response.ts'

/** A picture of eight million pixels, as base64, with room to spare. */
const longestEvent = 48 << 20

function events(wire: ImageWire): PassedStream {
  const done = `${eventName(wire)}.completed`
  const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
  const usageOf = ({ usage, size, quality }: JsonObject, count: number) =>
    imageUsage(openaiImageUsage(usage, wire.id), count, { size: text(size), quality: text(quality) })
  return {
    contentType: 'text/event-stream',
    framing: 'sse',
    longestEvent,
    observer: () => new EventWatch({ done, usageOf, longestEvent }),
    fault: (fault) => formatSseEvent({ event: 'error', data: JSON.stringify(openaiErrorBody(fault)) }),
  }
}

/** The service gave the one although the other had been asked for. */
function spelledOtherwise(request: Body<ImageRequest>, answer: Body<ImageResponse>): boolean {
  const wanted = request.spans().json('response_format')
  const has = (name: string): boolean => answer.mentions([`"${name}"`])
  if (wanted === 'b64_json') return has('url') && !has('b64_json')
  return wanted === 'url' && has('b64_json') && !has('url')
}

function dialectOf(wire: ImageWire, operation: ImageDialect['operation'], files?: FormFiles): ImageDialect {
  return {
    id: wire.id,
    operation,
    requestHeaders: [],
    mediaMarks: [],
    traits: { mediaUrls: ['image'] },
    answersInText: true,
    ...(files !== undefined && {
      carries: wire.task === 'vary' ? ('form' as const) : ('form-with-files' as const),
      files,
    }),
    head: (body) => readHead(wire, body),
    request: {
      decode: (json) => decodeRequest(wire, json),
      encode: (request, context) => encodeRequest(wire, request, context),
    },
    response: {
      decode: (json) => decodeResponse(wire, json),
      encode: (answer, context) => encodeResponse(wire, answer, context),
    },
    fault: openaiFaultCodec,
    facts: (body) => readFacts(wire, body),
    spelledOtherwise,
    ...(wire.task !== 'vary' && { passed: events(wire) }),
  }
}

export const openaiImages = dialectOf({ id: 'openai-images', task: 'generate' }, 'image')

export const openaiImageEdits = dialectOf({ id: 'openai-image-edits', task: 'edit' }, 'edit-image', {
  media: 'images',
  fields: { image: mostImages, 'image[]': mostImages, mask: 1 },
  example: 'curl -F image=@picture.png',
})

export const openaiImageVariations = dialectOf({ id: 'openai-image-variations', task: 'vary' }, 'vary-image', {
  media: 'images',
  fields: { image: 1 },
  example: 'curl -F image=@picture.png',
})
