/** Replaces URLs of pictures to work on with what they lead to, for services that do not fetch them themselves. */
import type { MediaFetcher } from '../../kernel/media-fetcher.ts'
import type { Traits } from '../../kernel/traits.ts'
import { invalidRequest } from '../../model/fault.ts'
import type { ImageRequest, ImageSource } from '../../model/image.ts'

export const hasImagesToFetch = ({ images, mask }: ImageRequest, { mediaUrls = [] }: Traits): boolean =>
  !mediaUrls.includes('image') && [...images, mask].some((source) => source?.kind === 'url')

export async function bringInImages(
  request: ImageRequest,
  fetcher: MediaFetcher,
  signal: AbortSignal,
): Promise<ImageRequest> {
  const bring = async (source: ImageSource, place: string): Promise<ImageSource> => {
    if (source.kind !== 'url') return source
    const { mediaType, base64 } = await fetcher.fetch(source.url, signal)
    if (!mediaType.startsWith('image/'))
      throw invalidRequest(place, `The URL of \`${place}\` leads to ${mediaType}, which is no picture.`)
    return { kind: 'base64', type: mediaType, data: base64 }
  }
  const { images, mask } = request
  return {
    ...request,
    images: await Promise.all(images.map((source) => bring(source, 'image'))),
    ...(mask !== undefined && { mask: await bring(mask, 'mask') }),
  }
}
