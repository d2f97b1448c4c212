/** A request as the simulator sees it, over a network or within the process. */

export interface SimRequest {
  readonly method: string
  /** Path and query; `/v1` before it may be there or not. */
  readonly path: string
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Uint8Array
}
