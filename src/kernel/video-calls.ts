/**
 * The contract of jobs that make films: what to ask a provider about one that it has taken on, and what its answers say. Like dialects
 * it does no I/O: it tells calls, and others make them.
 */
import type { JsonObject } from '../model/json.ts'
import type { VideoRequest, VideoState } from '../model/video.ts'

/** A job at its provider. */
export interface RemoteVideo {
  /** The provider's own id. */
  readonly id: string
  /** Where it was ordered, the version and all. */
  readonly path: string
  /** Where the finished film lies, where the protocol tells so. */
  readonly asset?: string
}

export interface RemoteCall {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** Scheme, host and port, where those are not where it was ordered. */
  readonly origin?: string
  readonly path: string
  readonly body?: JsonObject
}

export type VideoVariant = 'video' | 'thumbnail' | 'spritesheet'

export interface ContentCall extends RemoteCall {
  /** The film is in this member of a JSON answer, as base64. */
  readonly base64In?: string
}

export interface VideoCalls {
  /** How long and how large it makes what is asked for. Throws a Fault (`not_expressible`) for what it cannot make. */
  made(request: VideoRequest): { readonly seconds: number; readonly size: string }
  state(video: RemoteVideo): RemoteCall
  /** Of the answer to `state`: the beginning of it where it was longer than anybody reads. Throws a Fault for what is none. */
  readState(text: string, isWhole: boolean): VideoState
  /** Undefined for a variant that the service has not. */
  content(video: RemoteVideo, variant: VideoVariant): ContentCall | undefined
  /** Hosts of the service besides the one that it is called at: films may lie there, and answers to `content` send on to them. */
  readonly sendsOnTo?: RegExp
  /** Undefined where it forgets by itself. */
  remove?(video: RemoteVideo): RemoteCall
}
