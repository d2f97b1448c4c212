/** Pictures that go in, as services take them: as base64 within JSON, as files of a form, or by a URL. */
import { Fault } from '../../../model/fault.ts'
import type { ImageRequest, ImageSource } from '../../../model/image.ts'
import type { JsonObject } from '../../../model/json.ts'
import { adapt } from '../../../model/loss.ts'
import type { Loss } from '../../../model/loss.ts'
import type { EncodeContext } from '../../dialect.ts'
import { fileMark } from '../../inlined-files.ts'

export interface Base64Picture {
  readonly type: string
  readonly data: string
}

/** Throws a Fault (`not_expressible`) for what only another provider has. URLs have been fetched by now, unless the service does it. */
export function asBase64(
  source: ImageSource,
  id: string,
  { fileMark: mark }: EncodeContext<ImageRequest>,
): Base64Picture {
  switch (source.kind) {
    case 'base64':
      return { type: source.type, data: source.data }
    case 'upload':
      return { type: source.type, data: fileMark(mark ?? '', source.upload) }
    case 'url':
      throw notTaken(`${id} takes pictures themselves, and fetching them is turned off (\`media: off\`)`)
    case 'file-id':
      throw notTaken(`${id} knows no files by their ids: send the picture itself`)
  }
}

export function asDataUrl(source: ImageSource, id: string, context: EncodeContext<ImageRequest>): string {
  const { type, data } = asBase64(source, id, context)
  return `data:${type};base64,${data}`
}

/** A URL as it is, all else as a data URL. */
export const asUrl = (source: ImageSource, id: string, context: EncodeContext<ImageRequest>): string =>
  source.kind === 'url' ? source.url : asDataUrl(source, id, context)

/** As a file of a form (`formBody`). */
export function asFile(source: ImageSource, id: string): JsonObject {
  if (source.kind === 'upload') {
    const { upload, name, type, size } = source
    return { upload, name, type, size }
  }
  const { type, data } = asBase64(source, id, { model: '' })
  return { base64: data, name: `image.${type.replace(/^image\//, '').replace('jpeg', 'jpg')}`, type }
}

const notTaken = (message: string): Fault => new Fault('not_expressible', message, { param: 'image' })

/** Throws where there is none. */
export function requireSources({ images }: ImageRequest, id: string): readonly ImageSource[] {
  if (images.length === 0) throw notTaken(`${id} needs a picture to work on`)
  return images
}

/** The first picture of a request, for services that take one; throws where there is none. */
export function onePicture({ images }: ImageRequest, id: string, lost: Loss[]): ImageSource {
  const [first, ...others] = images
  if (first === undefined) throw notTaken(`${id} needs a picture to work on`)
  if (others.length > 0) adapt(lost, 'image', `${id} takes one picture: the first was sent`)
  return first
}
