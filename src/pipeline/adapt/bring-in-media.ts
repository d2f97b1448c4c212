/** Replaces URLs of media that the target does not fetch by itself with what they lead to. */
import type { FetchedMedia, MediaFetcher } from '../../kernel/media-fetcher.ts'
import type { MediaKind, Traits } from '../../kernel/traits.ts'
import type { ChatRequest, Message } from '../../model/chat.ts'
import type { MediaSource } from '../../model/media.ts'
import type { Part } from '../../model/part.ts'

/** The URLs that have to be fetched for this target, each once. */
export function urlsToFetch(request: ChatRequest, traits: Traits): string[] {
  const urls = new Set<string>()
  for (const { parts } of request.messages) collect(parts, traits.mediaUrls ?? [], urls)
  return [...urls]
}

export async function bringInMedia(
  request: ChatRequest,
  urls: readonly string[],
  traits: Traits,
  fetcher: MediaFetcher,
  signal: AbortSignal,
): Promise<ChatRequest> {
  const fetched = new Map(await Promise.all(urls.map(async (url) => [url, await fetcher.fetch(url, signal)] as const)))
  const fetches = traits.mediaUrls ?? []
  const messages = request.messages.map((message): Message => {
    const parts = replace(message.parts, fetches, fetched)
    return parts === message.parts ? message : { ...message, parts }
  })
  return { ...request, messages }
}

/** The kinds of media, by the type of the part that holds them. */
const kinds: ReadonlySet<string> = new Set<MediaKind>(['image', 'audio', 'video', 'file'])

function urlOf(part: Part, fetches: readonly MediaKind[]): string | undefined {
  if (!kinds.has(part.type) || fetches.includes(part.type as MediaKind) || !('source' in part)) return undefined
  return part.source?.kind === 'url' && /^https?:/i.test(part.source.url) ? part.source.url : undefined
}

/** Some protocols have one place for files of every kind: what is in it shows only when it has been fetched. */
function withMedia(part: Part, source: MediaSource & { readonly kind: 'base64' }): Part {
  const kind = /^(image|audio|video)\//.exec(source.mediaType ?? '')?.[1] as 'image' | 'audio' | 'video' | undefined
  if (part.type !== 'file' || kind === undefined) return { ...part, source } as Part
  const { cache, form, extra } = part
  const node = {
    ...(cache !== undefined && { cache }),
    ...(form !== undefined && { form }),
    ...(extra !== undefined && { extra }),
  }
  return { type: kind, source, ...node }
}

function collect(parts: readonly Part[], fetches: readonly MediaKind[], into: Set<string>): void {
  for (const part of parts) {
    if (part.type === 'tool-result') collect(part.content, fetches, into)
    const url = urlOf(part, fetches)
    if (url !== undefined) into.add(url)
  }
}

function replace(
  parts: readonly Part[],
  fetches: readonly MediaKind[],
  fetched: ReadonlyMap<string, FetchedMedia>,
): readonly Part[] {
  let changed = false
  const replaced = parts.map((part): Part => {
    if (part.type === 'tool-result') {
      const content = replace(part.content, fetches, fetched)
      if (content === part.content) return part
      changed = true
      return { ...part, content }
    }
    const media = fetched.get(urlOf(part, fetches) ?? '')
    if (media === undefined) return part
    changed = true
    return withMedia(part, { kind: 'base64', mediaType: media.mediaType, data: media.base64 })
  })
  return changed ? replaced : parts
}
