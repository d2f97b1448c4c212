/** What dialects of pictures have in common that are spoken to providers alone: nobody is served in them. */
import { Fault } from '../../../model/fault.ts'
import { imageKindOf } from '../../../model/image.ts'
import type { ImageRequest, ImageResponse } from '../../../model/image.ts'
import type { JsonObject } from '../../../model/json.ts'
import { reportForeignExtra } from '../../../model/loss.ts'
import type { Loss } from '../../../model/loss.ts'
import type { Usage } from '../../../model/usage.ts'
import type { Body } from '../../body.ts'
import { dropOptions } from './options.ts'
import type { ImageOption } from './options.ts'
import type { EncodeContext, Encoded, FaultCodec, ImageDialect } from '../../dialect.ts'

export interface ProviderSide {
  readonly id: string
  readonly operation: ImageDialect['operation']
  readonly fault: FaultCodec
  /** Options that the service has words for; all others are reported. */
  readonly knows: readonly ImageOption[]
  readonly write: (request: ImageRequest, context: EncodeContext<ImageRequest>, lost: Loss[]) => JsonObject
  readonly decode: (json: unknown) => ImageResponse
  readonly carries?: 'form'
  /** The model is in the URL. */
  readonly addressed?: boolean
  /** The service fetches pictures that are named by URL. */
  readonly fetchesUrls?: boolean
}

export function imageDialectOf(side: ProviderSide): ImageDialect {
  const { id, operation, fault, decode } = side
  const neverServed = (): never => {
    throw new Fault('operation_not_supported', `${id} is spoken to providers alone.`)
  }
  return {
    id,
    operation,
    requestHeaders: [],
    mediaMarks: [],
    unserved: true,
    ...(side.addressed === true && { addressed: true }),
    ...(side.carries !== undefined && { carries: side.carries }),
    ...(side.fetchesUrls === true && { traits: { mediaUrls: ['image'] } }),
    head: neverServed,
    request: { decode: neverServed, encode: (request, context) => encoded(side, request, context) },
    response: { decode, encode: neverServed },
    fault,
    facts: (body) => factsOf(body),
  }
}

function encoded(side: ProviderSide, request: ImageRequest, context: EncodeContext<ImageRequest>): Encoded {
  const lost: Loss[] = []
  reportForeignExtra(request, side.id, '', lost)
  dropOptions(request, side.id, lost, side.knows)
  return { json: side.write(request, context, lost), lost }
}

/** Of an answer, read whole: one that does not pass as it is has to be decoded anyway. */
export function factsOf(body: Body<ImageResponse>) {
  const { usage, images, size, quality } = body.read()
  return { usage: imageUsage(usage, images.length, { size, quality }) }
}

const nothing: Usage = { input: { total: 0 }, output: { total: 0 } }

/** What is billed by the picture, beside the tokens that were told. */
export function imageUsage(
  told: Usage | undefined,
  images: number,
  described: Parameters<typeof imageKindOf>[0] = {},
): Usage {
  const kind = imageKindOf(described)
  return {
    ...(told ?? nothing),
    units: { ...told?.units, images },
    ...(kind.length > 0 && { unitKinds: { images: kind } }),
  }
}

/** Throws where there is no picture in an answer, saying why if the service did. */
export function requirePictures<T>(images: readonly T[], id: string, why?: string): readonly T[] {
  if (images.length > 0) return images
  throw why === undefined ? new Fault('provider_malformed', `its answer has no picture (${id})`) : withheldFault(why)
}

export const withheldFault = (why: string): Fault =>
  new Fault('provider_rejected', `The service made no picture: ${why}`, { status: 400, upstream: { code: why } })
