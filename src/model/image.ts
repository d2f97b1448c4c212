/** Pictures to be made, edited or varied, in every protocol's terms at once. */
import type { Node } from './node.ts'
import type { Usage } from './usage.ts'

export const imageFormats = ['png', 'jpeg', 'webp'] as const

export type ImageFormat = (typeof imageFormats)[number]

/** A picture that goes in. `upload` is one of the exchange's files, `file-id` one that the provider has already. */
export type ImageSource =
  | {
      readonly kind: 'upload'
      readonly upload: number
      readonly name: string
      readonly type: string
      readonly size: number
    }
  | { readonly kind: 'base64'; readonly type: string; readonly data: string }
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'file-id'; readonly id: string }

export interface ImageRequest extends Node {
  readonly task: 'generate' | 'edit' | 'vary'
  readonly model: string
  /** Of variations empty: the picture says it all. */
  readonly prompt: string
  /** What is not to be seen. */
  readonly negativePrompt?: string
  readonly images: readonly ImageSource[]
  /** Where it is transparent the picture is to change. */
  readonly mask?: ImageSource
  readonly n?: number
  /** `1024x1024`; absent where the service is to choose. */
  readonly size?: string
  /** `16:9`, in place of a size. */
  readonly aspectRatio?: string
  readonly seed?: number
  /** How often a diffusion model goes over the picture, how closely it keeps to the words, and how far it may leave a picture (0 to 1). */
  readonly steps?: number
  readonly guidance?: number
  readonly strength?: number
  readonly quality?: string
  readonly background?: string
  readonly format?: ImageFormat
  /** Per cent. */
  readonly compression?: number
  readonly moderation?: string
  readonly style?: string
  readonly inputFidelity?: string
  readonly user?: string
  /** How the answer is to carry the pictures; absent where either will do. */
  readonly answerAs?: 'url' | 'b64_json'
  readonly stream: boolean
  readonly partialImages?: number
  /** Of services whose answers offer what can be done next: what was chosen. */
  readonly action?: ImageAction
}

export interface ImageAction {
  readonly task: string
  readonly button: string
}

export interface GeneratedImage extends Node {
  readonly url?: string
  readonly base64?: string
  /** `image/png`, where it is told or the bytes say it. */
  readonly type?: string
  readonly revisedPrompt?: string
}

export interface ImageResponse extends Node {
  /** Unix seconds. */
  readonly created?: number
  readonly images: readonly GeneratedImage[]
  readonly background?: string
  readonly format?: string
  readonly size?: string
  readonly quality?: string
  readonly usage?: Usage
  /** Why there is no picture: the service would not show one. */
  readonly withheld?: string
}

export interface Dimensions {
  readonly width: number
  readonly height: number
}

export function dimensionsOf(size: string | undefined): Dimensions | undefined {
  const found = /^(\d{1,5})x(\d{1,5})$/.exec(size ?? '')
  return found === null ? undefined : { width: Number(found[1]), height: Number(found[2]) }
}

/** What prices of pictures may depend on: their size, as it is and by its longest side (`2K`), and quality, as far as they are known. */
export function imageKindOf({
  size,
  quality,
}: {
  readonly size?: string | undefined
  readonly quality?: string | undefined
}): string[] {
  const sides = dimensionsOf(size)
  const thousands = sides === undefined ? undefined : `${Math.ceil(Math.max(sides.width, sides.height) / 1024)}K`
  return [size, thousands, quality].filter(
    (each): each is string => each !== undefined && each !== '' && each !== 'auto',
  )
}
