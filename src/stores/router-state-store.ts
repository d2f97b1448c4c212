/** The port that keeps what routers must not forget when the gateway stops: how far a canary is, and whether it was taken back. */
import type { JsonObject } from '../model/json.ts'

export interface RouterStateStore {
  /** Of a router with exactly these settings; undefined where nothing is kept. */
  recall(router: string, settings: string): JsonObject | undefined
  /** In place of whatever was kept of the router, under these settings or others. */
  remember(router: string, settings: string, state: JsonObject): void
}
