/** Where the bytes of an image, a sound, a video or a document come from. */

export type MediaSource =
  | { readonly kind: 'base64'; readonly mediaType?: string; readonly data: string }
  | { readonly kind: 'url'; readonly url: string; readonly mediaType?: string }
  /** A file uploaded to the service that `origin` names (a dialect id): meaningless anywhere else. */
  | { readonly kind: 'file-id'; readonly id: string; readonly origin: string }
  | { readonly kind: 'text'; readonly text: string; readonly mediaType?: string }

const dataUrl = /^data:([^;,]*)((?:;[^;,]*)*?)(;base64)?,/i

/** Reads a `data:` URL into base64 form; any other URL stays a URL. Parameters of the media type (charset) are kept. */
export function mediaFromUrl(url: string): MediaSource {
  const match = dataUrl.exec(url)
  if (match === null) return { kind: 'url', url }
  const payload = url.slice(match[0].length)
  const mediaType = `${match[1] ?? ''}${match[2] ?? ''}`
  const data = match[3] === undefined ? Buffer.from(decodeURIComponent(payload)).toString('base64') : payload
  return { kind: 'base64', ...(mediaType !== '' && { mediaType }), data }
}

/** The `data:` URL of base64 media; `fallbackType` when the source did not name its type. */
export function dataUrlOf(data: string, mediaType: string | undefined, fallbackType: string): string {
  return `data:${mediaType ?? fallbackType};base64,${data}`
}
