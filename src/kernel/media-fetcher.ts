/** Brings in media that a client names by URL, for targets that cannot fetch it themselves. */

export interface FetchedMedia {
  /** As the bytes themselves say, where they say it, else as the server did. */
  readonly mediaType: string
  readonly base64: string
}

export interface MediaFetcher {
  /** Throws a Fault (`invalid_request` and its kin) that says what is wrong with the URL or what it leads to. */
  fetch(url: string, signal: AbortSignal): Promise<FetchedMedia>
}
