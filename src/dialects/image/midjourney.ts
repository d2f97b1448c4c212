/**
 * Proxies of Midjourney with the protocol of midjourney-proxy and its successors: tasks are submitted and asked about, and what comes of one
 * offers buttons for what to do next. https://github.com/novicezk/midjourney-proxy/blob/main/docs/api.md; buttons (`/mj/submit/action`) as its
 * successors have them (read 2026-11-27).
 */
import { imageDialectOf, requirePictures } from '../../kernel/codec/image/provider-side.ts'
import type { ImageOption } from '../../kernel/codec/image/options.ts'
import { within } from '../../kernel/codec/image/options.ts'
import { wantedRatio } from '../../kernel/codec/image/sizes.ts'
import { asDataUrl, requireSources } from '../../kernel/codec/image/sources.ts'
import { textIn, textsIn } from '../../kernel/codec/image/texts.ts'
import { wrongType } from '../../kernel/codec/member-reader.ts'
import { plainFault } from '../../kernel/codec/plain-fault.ts'
import type { EncodeContext, FaultCodec, ImageDialect } from '../../kernel/dialect.ts'
import { Fault } from '../../model/fault.ts'
import { dimensionsOf } from '../../model/image.ts'
import type { ImageRequest, ImageResponse } from '../../model/image.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import type { Loss } from '../../model/loss.ts'

const fault: FaultCodec = {
  decode: (status, body, headers) =>
    plainFault(status, body, headers, {
      message: isJsonObject(body) ? (body['description'] ?? body['message'] ?? body['error']) : undefined,
    }),
  encode: (told) => ({ status: told.status, json: { code: told.status, description: told.message } }),
}

const known: readonly ImageOption[] = ['size', 'aspectRatio', 'seed', 'negativePrompt', 'quality', 'guidance', 'action']
const mostSeed = 4_294_967_295

function dialectOf(id: string, operation: ImageDialect['operation']): ImageDialect {
  return imageDialectOf({
    id,
    operation,
    fault,
    addressed: true,
    knows: known,
    write: (request, context, lost) => write(id, request, context, lost),
    decode: (json) => decode(json, id),
  })
}

export const midjourneyImage = dialectOf('midjourney-image', 'image')
export const midjourneyImageEdit = dialectOf('midjourney-image-edit', 'edit-image')

function write(id: string, request: ImageRequest, context: EncodeContext<ImageRequest>, lost: Loss[]): JsonObject {
  const { action, task } = request
  if (action !== undefined) return { taskId: action.task, customId: action.button }
  return {
    botType: isNiji(context.model) ? 'NIJI_JOURNEY' : 'MID_JOURNEY',
    prompt: [request.prompt, ...parametersOf(request, context.model, lost)].join(' '),
    ...(task !== 'generate' && {
      base64Array: requireSources(request, id).map((source) => asDataUrl(source, id, context)),
    }),
  }
}

const isNiji = (model: string): boolean => model.startsWith('niji')

/** Settings stand in the prompt, behind dashes. The model's name may tell the version: `midjourney-7`, `niji-6`. */
function parametersOf(request: ImageRequest, model: string, lost: Loss[]): string[] {
  const { negativePrompt, quality, guidance } = request
  const version = /-v?(\d+(?:\.\d+)?)$/.exec(model)?.[1]
  const seed = within(request.seed, 0, mostSeed, 'seed', lost)
  const ratio = ratioOf(request)
  const grade = quality === undefined ? undefined : { low: '.5', high: '2', hd: '2' }[quality]
  return [
    ...(ratio === undefined ? [] : [`--ar ${ratio}`]),
    ...(version === undefined ? [] : [`--${isNiji(model) ? 'niji' : 'v'} ${version}`]),
    ...(seed === undefined ? [] : [`--seed ${seed}`]),
    ...(grade === undefined ? [] : [`--q ${grade}`]),
    ...(guidance === undefined ? [] : [`--s ${Math.round(guidance)}`]),
    ...(negativePrompt === undefined ? [] : [`--no ${negativePrompt.replaceAll('--', ' ')}`]),
  ]
}

/** Whole numbers, as small as can be. */
function ratioOf(request: ImageRequest): string | undefined {
  const { aspectRatio, size } = request
  if (aspectRatio !== undefined && /^\d+:\d+$/.test(aspectRatio)) return aspectRatio
  const sides = dimensionsOf(size)
  if (aspectRatio === undefined && sides !== undefined) {
    const divisor = greatestDivisor(sides.width, sides.height)
    return `${sides.width / divisor}:${sides.height / divisor}`
  }
  const ratio = wantedRatio(request)
  return ratio === undefined ? undefined : `${Math.round(ratio * 100)}:100`
}

function greatestDivisor(one: number, other: number): number {
  return other === 0 ? one : greatestDivisor(other, one % other)
}

function decode(json: unknown, id: string): ImageResponse {
  if (!isJsonObject(json)) throw wrongType('answer', 'a JSON object', json)
  const { status, imageUrl: url, id: task, code } = json
  if (status === undefined && code !== undefined) throw notSubmitted(json)
  if (status !== 'SUCCESS') throw failure(json)
  const extra = { task_id: textIn(task), buttons: buttonsIn(json['buttons']) }
  const pictures = requirePictures(textsIn([url ?? null]), id)
  return { images: pictures.map((each) => ({ url: each, extra: { [id]: extra } })) }
}

/** What can be done next: upscaled, varied, drawn again; `id` is what `action.button` names. */
function buttonsIn(value: JsonValue | undefined): JsonObject[] {
  const list = Array.isArray(value) ? value.filter(isJsonObject) : []
  return list.flatMap(({ customId, label, emoji }) =>
    typeof customId === 'string' ? [{ id: customId, label: label ?? '', emoji: emoji ?? '' }] : [],
  )
}

const messageIn = (value: JsonValue | undefined): string =>
  typeof value === 'string' && value !== '' ? value.slice(0, 500) : 'The proxy did not say why.'

/** 24: a word is banned; 23: the queue is full; 3: there is no account that could do it. */
function notSubmitted({ code, description }: JsonObject): Fault {
  const message = messageIn(description)
  const upstream = { code: JSON.stringify(code ?? null) }
  if (code === 24) return new Fault('provider_rejected', message, { status: 400, upstream })
  if (code === 23) return new Fault('provider_rate_limited', message, { upstream })
  if (code === 3) return new Fault('provider_not_found', message, { upstream })
  return new Fault('provider_error', message, { upstream })
}

function failure({ status, failReason }: JsonObject): Fault {
  if (status === 'MODAL')
    return new Fault('provider_rejected', 'This button wants a further answer, for which there are no words here.', {
      status: 400,
      upstream: { code: 'MODAL' },
    })
  const message = messageIn(failReason)
  const ours = /banned|moderat|invalid|sensitive|prohibited/i.test(message)
  return new Fault(ours ? 'provider_rejected' : 'provider_error', message, {
    ...(ours && { status: 400 }),
    upstream: { code: textIn(status) },
  })
}
