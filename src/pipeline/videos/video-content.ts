/**
 * A finished film on its way from its provider to the client: as it comes, no faster than the client takes it, and never held. What is
 * within JSON is taken out of it.
 */
import { Base64Member } from '../../bytes/base64-member.ts'
import { PassingBytes } from '../../bytes/collect-young.ts'
import type { StreamReply, StreamSink, StreamSource } from '../../kernel/reply.ts'
import type { Outbound, TransportCall, TransportError, TransportHandler } from '../../kernel/transport.ts'
import type { ContentCall, VideoVariant } from '../../kernel/video-calls.ts'
import { Fault, asFault } from '../../model/fault.ts'
import { Deadline } from '../attempt/deadline.ts'
import { faultOfTransport, toldToClient } from '../attempt/failure.ts'
import { outboundOf } from './provider-call.ts'
import type { LocatedVideo } from './video-jobs.ts'

export interface OpenedVideo {
  readonly reply: StreamReply
  /** The client has left. */
  abandon(): void
}

const mostRedirects = 3
const longestRefusal = 64 << 10

/** Rejects with a Fault where the provider does not give it. */
export async function openVideo(located: LocatedVideo, variant: VideoVariant): Promise<OpenedVideo> {
  const call = located.endpoint.dialect.videos?.content(located.remote, variant)
  if (call === undefined)
    throw new Fault('operation_not_supported', `${located.deployment.provider} has no ${variant} of the video.`, {
      param: 'variant',
    })
  // The credential goes to the service and to nobody that an answer names.
  if (call.origin !== undefined && !isOfService(call.origin, located)) throw elsewhere(located)
  return new Promise((resolve, reject) => {
    new VideoContent(located, call, resolve, reject).open()
  })
}

function isOfService(origin: string, { endpoint }: LocatedVideo): boolean {
  if (origin === endpoint.origin) return true
  const url = URL.parse(origin)
  return url?.protocol === 'https:' && endpoint.dialect.videos?.sendsOnTo?.test(url.hostname) === true
}

const elsewhere = ({ deployment: { provider } }: LocatedVideo): Fault =>
  new Fault('provider_malformed', `${provider} says that the film lies at a host that is not its own.`, {
    upstream: { provider },
  })

class VideoContent implements TransportHandler, StreamSource {
  readonly #located: LocatedVideo
  readonly #call: ContentCall
  readonly #resolve: (opened: OpenedVideo) => void
  readonly #reject: (fault: Fault) => void
  readonly #deadline: Deadline
  readonly #member: Base64Member | undefined
  readonly #passing = new PassingBytes()
  #made: TransportCall | undefined
  #redirects = 0
  #phase: 'waiting' | 'refusing' | 'passing' | 'over' = 'waiting'
  #status = 0
  #headers: Record<string, string> = {}
  #held: Uint8Array[] = []
  #heldSize = 0
  #sink: StreamSink | undefined
  #paused = false
  #ending: Fault | 'well' | undefined

  constructor(
    located: LocatedVideo,
    call: ContentCall,
    resolve: (opened: OpenedVideo) => void,
    reject: (fault: Fault) => void,
  ) {
    this.#located = located
    this.#call = call
    this.#resolve = resolve
    this.#reject = reject
    this.#member = call.base64In === undefined ? undefined : new Base64Member(call.base64In)
    this.#deadline = new Deadline(located.clock, () => this.#fail(this.#late()))
  }

  open(): void {
    const { deployment } = this.#located
    this.#await(deployment.timeouts.firstByte)
    const outbound = outboundOf(this.#located, this.#call)
    Promise.resolve(deployment.sign(outbound)).then(
      (signed) => this.#send(signed),
      (error: unknown) => this.#fail(asFault(error)),
    )
  }

  #send(outbound: Outbound): void {
    if (this.#phase !== 'over') this.#made = this.#located.deployment.transport.dispatch(outbound, this)
  }

  onHead(status: number, headers: Record<string, string>): void {
    if (this.#phase !== 'waiting') return
    const { location } = headers
    if (status >= 300 && status < 400 && location !== undefined) {
      this.#followTo(location)
      return
    }
    this.#status = status
    this.#headers = headers
    this.#await(this.#located.deployment.timeouts.stall)
    this.#phase = status >= 200 && status < 300 ? 'passing' : 'refusing'
    if (this.#phase === 'passing') this.#resolve({ reply: this.#reply(), abandon: () => this.#abandon() })
  }

  /** Without the credential, and only to hosts of the service. */
  #followTo(location: string): void {
    const url = URL.parse(location, this.#located.endpoint.origin)
    this.#made?.abort()
    this.#redirects += 1
    if (url === null || !isOfService(url.origin, this.#located) || this.#redirects > mostRedirects) {
      this.#fail(elsewhere(this.#located))
      return
    }
    const headers = { accept: '*/*', 'user-agent': 'sluicegate' }
    // The call that sent us here ends first, and tells nobody.
    queueMicrotask(() =>
      this.#send({ method: 'GET', origin: url.origin, path: `${url.pathname}${url.search}`, headers, body: null }),
    )
  }

  onData(chunk: Uint8Array): void {
    if (this.#phase === 'refusing') {
      this.#heldSize += chunk.length
      if (this.#heldSize <= longestRefusal) this.#held.push(chunk)
      return
    }
    if (this.#phase !== 'passing') return
    if (!this.#paused) this.#await(this.#located.deployment.timeouts.stall)
    try {
      const out = this.#member === undefined ? chunk : this.#member.push(chunk)
      if (out.length > 0) this.#write(out)
      this.#passing.count(chunk.length)
    } catch (cause) {
      this.#fail(new Fault('provider_malformed', `${this.#located.deployment.provider} left its protocol.`, { cause }))
    }
  }

  #write(out: Uint8Array): void {
    if (this.#sink === undefined) this.#held.push(out)
    if (this.#sink?.write(out) === true) return
    this.#paused = true
    // A slow client is no fault of the provider.
    this.#deadline.cancel()
    this.#made?.pause()
  }

  onEnd(): void {
    if (this.#phase === 'refusing') this.#refuse()
    else if (this.#phase === 'passing' && this.#member?.complete === false) this.#fail(this.#cut())
    else if (this.#phase === 'passing') this.#end('well')
    else if (this.#phase === 'waiting') this.#fail(this.#cut())
  }

  onError(error: TransportError): void {
    const { provider } = this.#located.deployment
    this.#fail(this.#phase === 'passing' ? this.#cut(error) : faultOfTransport(error, provider))
  }

  start(sink: StreamSink): void {
    this.#sink = sink
    let takes = true
    for (const out of this.#held.splice(0)) takes = sink.write(out) && takes
    if (this.#ending !== undefined) this.#endSink(sink, this.#ending)
    else if (takes) this.resume()
  }

  resume(): void {
    if (!this.#paused || this.#phase !== 'passing') return
    this.#paused = false
    this.#await(this.#located.deployment.timeouts.stall)
    this.#made?.resume()
  }

  #reply(): StreamReply {
    const length = this.#member === undefined ? this.#headers['content-length'] : undefined
    return {
      kind: 'stream',
      status: 200,
      contentType:
        this.#member === undefined ? (this.#headers['content-type'] ?? 'application/octet-stream') : 'video/mp4',
      ...(length !== undefined && /^\d+$/.test(length) && { headers: { 'content-length': length } }),
      source: this,
    }
  }

  #refuse(): void {
    const { deployment, endpoint } = this.#located
    const text = deployment.redact(Buffer.concat(this.#held).toString('utf8'))
    const fault = endpoint.dialect.fault.decode(this.#status, parsed(text), this.#headers)
    this.#fail(fault)
  }

  #fail(fault: Fault): void {
    if (this.#phase === 'over') return
    this.#made?.abort()
    if (this.#phase === 'passing') {
      this.#end(fault)
      return
    }
    this.#phase = 'over'
    this.#deadline.cancel()
    this.#reject(toldToClient(fault, this.#located.deployment.provider))
  }

  #end(ending: Fault | 'well'): void {
    this.#phase = 'over'
    this.#deadline.cancel()
    this.#ending = ending
    if (this.#sink !== undefined) this.#endSink(this.#sink, ending)
  }

  /** Nothing in a film could tell of an error: half of it must not look like all. */
  #endSink(sink: StreamSink, ending: Fault | 'well'): void {
    const well = ending === 'well'
    sink.end({
      outcome: well ? 'ok' : 'cut',
      ...(!well && { fault: ending, untold: true }),
      facts: {},
      estimatedOutput: 0,
    })
  }

  #abandon(): void {
    if (this.#phase === 'over') return
    this.#phase = 'over'
    this.#deadline.cancel()
    this.#made?.abort()
  }

  #await(milliseconds: number): void {
    this.#deadline.at(this.#located.clock.monotonic() + milliseconds)
  }

  #late(): Fault {
    const { provider } = this.#located.deployment
    return this.#phase === 'passing'
      ? new Fault('provider_stalled', `${provider} sent nothing for too long in the middle of the film.`)
      : new Fault('provider_timeout', `${provider} did not begin to send the film in time.`)
  }

  #cut(cause?: unknown): Fault {
    const { provider } = this.#located.deployment
    return new Fault('provider_cut', `${provider} broke off the film before its end.`, {
      cause,
      upstream: { provider },
    })
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
