/** Films to be made, and the jobs that make them: in every protocol's terms at once. */
import type { Node } from './node.ts'

export interface VideoRequest extends Node {
  readonly model: string
  readonly prompt: string
  readonly seconds?: number
  /** Width and height, `1280x720`. */
  readonly size?: string
  /** A picture that it is to begin with: one of the exchange's uploads, or an address. */
  readonly reference?: VideoReference
  /** The provider's own id of a film that is to be made anew. */
  readonly remixOf?: string
}

export type VideoReference =
  | {
      readonly kind: 'upload'
      readonly upload: number
      readonly name: string
      readonly type: string
      readonly size: number
    }
  | { readonly kind: 'url'; readonly url: string }
  /** A file that is kept with the provider. */
  | { readonly kind: 'file-id'; readonly id: string }

export type VideoStatus = 'queued' | 'in_progress' | 'completed' | 'failed'

export interface VideoFailure {
  readonly code: string
  readonly message: string
}

/** What a provider tells of a job. */
export interface VideoState {
  readonly status: VideoStatus
  /** Per cent. */
  readonly progress?: number
  readonly seconds?: number
  readonly size?: string
  /** Unix seconds. */
  readonly expiresAt?: number
  readonly failure?: VideoFailure
  /** Where the finished film lies, in protocols that tell so. */
  readonly asset?: string
}

/** The answer to a request: a job that has been taken on. `id` is the provider's own. */
export interface VideoJob extends Node, VideoState {
  readonly id: string
}

export const isOver = ({ status }: Pick<VideoState, 'status'>): boolean => status === 'completed' || status === 'failed'

export const usualSeconds = 4
export const usualSize = '720x1280'

export function sidesOf(size: string): { readonly width: number; readonly height: number } | undefined {
  const [, width, height] = /^(\d{2,5})x(\d{2,5})$/.exec(size) ?? []
  return width === undefined || height === undefined ? undefined : { width: Number(width), height: Number(height) }
}

/** By what prices may depend on the picture: its size, and the lines of it as they are called, `720p`. */
export function kindsOf(size: string): readonly string[] {
  const sides = sidesOf(size)
  return sides === undefined ? [size] : [size, `${Math.min(sides.width, sides.height)}p`]
}

/** What it is billed by. */
export const videoUnits = (seconds: number, size: string) => ({
  units: { video_ms: Math.round(seconds * 1000) },
  unitKinds: { video_ms: kindsOf(size) },
})
