/** Answers of `:predict` with pictures: a prediction for each, or the reason for which it was withheld. */
import { decodeGoogleFault, googleErrorIn } from '../../kernel/codec/google-errors.ts'
import { requirePictures } from '../../kernel/codec/image/provider-side.ts'
import { MemberReader, wrongType } from '../../kernel/codec/member-reader.ts'
import { MemberWriter } from '../../kernel/codec/member-writer.ts'
import type { Encoded } from '../../kernel/dialect.ts'
import { Fault } from '../../model/fault.ts'
import type { GeneratedImage, ImageResponse } from '../../model/image.ts'
import { isJsonObject } from '../../model/json.ts'
import { drop } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'

export function decodeAnswer(json: unknown, id: string): ImageResponse {
  const error = googleErrorIn(json)
  if (error !== undefined) throw decodeGoogleFault(undefined, error)
  if (!isJsonObject(json)) throw wrongType('answer', 'a JSON object', json)
  const reader = new MemberReader(id, json, '')
  const predictions = reader.list('predictions') ?? []
  const images: GeneratedImage[] = []
  let why: string | undefined
  for (const [index, prediction] of predictions.entries()) {
    if (!isJsonObject(prediction)) throw wrongType(`predictions[${index}]`, 'an object', prediction)
    const reason = prediction['raiFilteredReason']
    if (prediction['bytesBase64Encoded'] === undefined && typeof reason === 'string') {
      why = reason
      continue
    }
    const own = new MemberReader(id, prediction, `predictions[${index}]`)
    const base64 = own.string('bytesBase64Encoded')
    const type = own.string('mimeType')
    const revisedPrompt = own.string('prompt')
    if (base64 === undefined) continue
    images.push({
      base64,
      ...(type !== undefined && { type }),
      ...(revisedPrompt !== undefined && { revisedPrompt }),
      ...own.node(),
    })
  }
  // Nothing at all is what the service says where it says no reason.
  const withheld = predictions.length === 0 ? 'it was withheld by the service’s filters' : undefined
  return { images: requirePictures(images, id, why ?? withheld), ...reader.node() }
}

export function encodeAnswer(answer: ImageResponse, id: string): Encoded {
  const lost: Loss[] = []
  const writer = new MemberWriter(id, answer)
  const made = answer.images.flatMap((image, index) => {
    const own = new MemberWriter(id, image)
    own.set('bytesBase64Encoded', image.base64)
    own.set('mimeType', image.type ?? (image.form?.[id] === undefined ? 'image/png' : undefined))
    own.set('prompt', image.revisedPrompt)
    if (image.base64 !== undefined) return [own.finish()]
    drop(lost, `predictions[${index}]`, `${id} has no place for a picture by its URL`)
    return []
  })
  if (made.length === 0)
    throw new Fault('provider_malformed', 'The provider gave URLs of pictures, and they could not be fetched.')
  writer.set('predictions', made)
  return { json: writer.finish(), lost }
}
