/** A file as clients are told of it: https://developers.openai.com/api/reference/resources/files (read 2026-11-27). */
import type { JsonObject } from '../../model/json.ts'
import type { StoredFile } from '../../stores/file-store.ts'

const seconds = (milliseconds: number): number => Math.floor(milliseconds / 1000)

export function fileJson({ id, bytes, createdAt, expiresAt, name, purpose }: StoredFile): JsonObject & { id: string } {
  return {
    id,
    object: 'file',
    bytes,
    created_at: seconds(createdAt),
    ...(expiresAt !== undefined && { expires_at: seconds(expiresAt) }),
    filename: name,
    purpose,
    status: 'processed',
  }
}
