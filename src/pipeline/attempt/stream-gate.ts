/** What holds back the beginning of an event until its end is there, whatever sets events apart. */

export interface StreamGate {
  /** What ends an event that was let through in pieces and broke off. */
  readonly separator: string
  /** What has been let through ends between two events. */
  readonly atBoundary: boolean
  push(bytes: Uint8Array): Uint8Array
  /** What was held back, when nothing follows any more. */
  rest(): Uint8Array
}
