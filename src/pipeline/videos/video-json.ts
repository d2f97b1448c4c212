/** A job as clients are told of it: https://developers.openai.com/api/reference/resources/videos (read 2026-11-27). */
import type { JsonObject } from '../../model/json.ts'
import type { StoredVideo } from '../../stores/video-job-store.ts'

const seconds = (milliseconds: number): number => Math.floor(milliseconds / 1000)

export function videoJson(video: StoredVideo): JsonObject & { readonly id: string } {
  const { state, completedAt, remixedFrom } = video
  return {
    id: video.id,
    object: 'video',
    model: video.account.modelAsked,
    status: state.status,
    progress: state.status === 'completed' ? 100 : (state.progress ?? 0),
    created_at: seconds(video.createdAt),
    completed_at: completedAt === undefined ? null : seconds(completedAt),
    expires_at: state.expiresAt ?? null,
    prompt: video.prompt,
    seconds: String(video.seconds),
    size: video.size,
    remixed_from_video_id: remixedFrom ?? null,
    error: state.failure === undefined ? null : { ...state.failure },
  }
}
