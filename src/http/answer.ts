/** What the data plane does with a client's answer, be it one of Node's or one of the gateway's own. */

export interface Answer {
  readonly headersSent: boolean
  /** Its connection is gone. */
  readonly destroyed: boolean
  /** All of it has been handed over to the network. */
  readonly writableFinished: boolean
  /** Bytes that the network has not taken yet. */
  readonly writableLength: number
  /** `headers` alternates names in lower case and values. */
  writeHead(status: number, headers: string[]): unknown
  /** False when the client should get to read first: `drain` tells when. */
  write(bytes: Uint8Array | string): boolean
  end(bytes?: Uint8Array): unknown
  destroy(): unknown
  setTimeout(milliseconds: number, tell: () => void): unknown
  /** `close` comes once, when it is finished or never will be. */
  on(event: 'close' | 'drain', hear: () => void): unknown
}
