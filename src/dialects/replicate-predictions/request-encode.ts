/**
 * Encodes the request for a prediction. A conversation becomes a transcript, instructions and images go into the inputs that the model
 * has for them. Which version is asked for stands in the path, or is for the provider to add.
 */
import { MemberWriter } from '../../kernel/codec/member-writer.ts'
import { writePrompt } from '../../kernel/codec/one-text/prompt.ts'
import { reportUnsaid, spokenOf, writeSettings } from '../../kernel/codec/one-text/settings.ts'
import { nextTurn } from '../../kernel/codec/transcript.ts'
import type { EncodeContext, Encoded } from '../../kernel/dialect.ts'
import type { ChatRequest } from '../../model/chat.ts'
import { drop, reportForeignExtra } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import { dataUrlOf } from '../../model/media.ts'
import type { ImagePart } from '../../model/part.ts'
import { dialectId, isOwn } from './dialect-id.ts'
import { familyOf, limitNames } from './model-family.ts'
import type { ModelFamily } from './model-family.ts'

export function encodeRequest(request: ChatRequest, context: EncodeContext): Encoded {
  const lost: Loss[] = []
  reportForeignExtra(request, dialectId, '', lost)
  const writer = new MemberWriter(dialectId, request)
  const family = ownFamily(writer, familyOf(context.model), isOwn(request))
  const images: string[] = []
  const { prompt, instructions, transcribed } = writePrompt(
    request,
    { target: dialectId, instructions: true, takesImage: (image) => takeImage(image, family, images) },
    lost,
  )
  if (request.stream || writer.wasExplicit('stream')) writer.set('stream', request.stream)
  const unsaid = prompt === '' && (writer.wasAbsent('input.prompt') || writer.wasNull('input.prompt'))
  if (!unsaid) writer.set('input.prompt', prompt)
  writer.set('input.system_prompt', instructions ?? (writer.note('blankInstructions') === true ? '' : undefined))
  writeImages(writer, images, family)
  writeSettings(writer, 'input', request, family.names)
  writeStops(writer, request, { family, transcribed }, lost)
  reportUnsaid(request, dialectId, spokenOf(family.names, 'stop'), lost)
  return { json: writer.finish(), lost }
}

/** A request of this dialect goes out in the names that it came in, whatever the model. */
function ownFamily(writer: MemberWriter, family: ModelFamily, own: boolean): ModelFamily {
  if (!own) return family
  const limit = limitNames.find((name) => name === writer.note('limit'))
  const images = writer.note('images')
  return {
    names: { ...familyOf('').names, ...(limit !== undefined && { maxOutputTokens: limit }) },
    stops: true,
    ...((images === 'image' || images === 'image_input') && { images: { member: images, list: images !== 'image' } }),
  }
}

/** Whether the model takes this image beside those that it has been given. Replicate fetches URLs by itself. */
function takeImage({ source }: ImagePart, { images: place }: ModelFamily, taken: string[]): boolean {
  if (place === undefined || (!place.list && taken.length > 0)) return false
  if (source.kind === 'url') taken.push(source.url)
  else if (source.kind === 'base64') taken.push(dataUrlOf(source.data, source.mediaType, 'image/png'))
  else return false
  return true
}

function writeImages(writer: MemberWriter, images: readonly string[], { images: place }: ModelFamily): void {
  const [first] = images
  if (place === undefined || first === undefined) return
  writer.set(`input.${place.member}`, place.list ? [...images] : first)
}

/** A model that continues a transcript would go on to speak for the user. */
function writeStops(
  writer: MemberWriter,
  request: ChatRequest,
  { family, transcribed }: { readonly family: ModelFamily; readonly transcribed: boolean },
  lost: Loss[],
): void {
  const { stop = [] } = request
  if (!family.stops) {
    if (stop.length > 0) drop(lost, 'stop', 'this model of Replicate has no stop sequences')
    return
  }
  const own = isOwn(request)
  const sayable = stop.filter((text) => own || !text.includes(','))
  if (sayable.length < stop.length)
    drop(lost, 'stop', `${dialectId} sets stop sequences apart by commas, so those with a comma in them are not sent`)
  const all = transcribed ? [...sayable, nextTurn] : sayable
  if (all.length > 0 || writer.note('blankStops') === true) writer.set('input.stop_sequences', all.join(','))
}
