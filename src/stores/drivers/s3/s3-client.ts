/**
 * Calls of the S3 protocol: signed with the hash of their body, and made again where a failure may pass. Bodies are in memory, and so
 * they are never larger than a part of an upload. https://docs.aws.amazon.com/AmazonS3/latest/API/Type_API_Reference.html
 */
import type { Clock } from '../../../kernel/clock.ts'
import { awsKeys } from '../../../kernel/identity/aws/keys.ts'
import { sha256, signatureHeaders } from '../../../kernel/identity/aws/sigv4.ts'
import type { SigningKey } from '../../../kernel/identity/aws/sigv4.ts'
import { TokenSource } from '../../../kernel/identity/token-source.ts'
import { AnswerTimeout, openAnswer, readWhole } from '../../../kernel/open-answer.ts'
import type { OpenAnswer } from '../../../kernel/open-answer.ts'
import { TransportError } from '../../../kernel/transport.ts'
import type { Transport } from '../../../kernel/transport.ts'
import { Fault } from '../../../model/fault.ts'
import { placeOf } from './s3-settings.ts'
import type { S3Place, S3Settings } from './s3-settings.ts'
import { textIn } from './xml.ts'

export interface S3Context {
  readonly clock: Clock
  readonly transport: Transport
  /** Hears why a call failed, in words for whoever runs the gateway. */
  readonly onProblem: (message: string) => void
}

export interface S3Request {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE' | 'HEAD'
  /** Without the prefix; left out for the bucket itself. */
  readonly key?: string
  /** Written as it is signed: sorted, escaped, every name with its `=`. */
  readonly query?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array
}

/** Milliseconds: the store is near, and a part of an upload has to be there in that time. */
const firstByte = 60_000
const stall = 30_000
/** Milliseconds before making a call again. */
const pauses = [200, 1000]
/** Bytes of an answer in XML. */
const answerLimit = 4 << 20
const none = new Uint8Array(0)

export class S3Client {
  readonly #settings: S3Settings
  readonly #context: S3Context
  readonly #place: S3Place
  readonly #keys: TokenSource<SigningKey>

  constructor(settings: S3Settings, context: S3Context) {
    this.#settings = settings
    this.#context = context
    this.#place = placeOf(settings)
    const { identity } = settings
    this.#keys = new TokenSource(context.clock, () =>
      awsKeys(identity, { provider: 'the file store', region: identity.region, context }),
    )
  }

  /** The answer, of whatever status below 300, or 404. Throws a Fault (`file_store_failed`) otherwise. */
  async call(request: S3Request): Promise<OpenAnswer> {
    for (let attempt = 0; ; attempt += 1) {
      const pause = pauses[attempt]
      let why: string
      let mayPass = true
      try {
        const answer = await this.#once(request)
        const { status } = answer
        if (status < 300 || status === 404) return answer
        why = `status ${status}${await this.#said(answer)}`
        mayPass = status >= 500 || status === 429
      } catch (error) {
        if (!(error instanceof TransportError || error instanceof AnswerTimeout)) throw this.#failed(request, error)
        why = error.message
      }
      if (!mayPass || pause === undefined) throw this.#failed(request, why)
      await this.#later(pause)
    }
  }

  /** The text of its answer; undefined for 404. */
  async text(request: S3Request): Promise<string | undefined> {
    const answer = await this.call(request)
    const text = (await this.#whole(answer, request))?.toString('utf8')
    return answer.status === 404 ? undefined : (text ?? '')
  }

  /** The key as it stands in the bucket. */
  keyOf(key: string): string {
    return `${this.#settings.prefix}${key}`
  }

  /** Throws the fault of a store that does not do what it should. */
  refuse(request: S3Request, why: string): never {
    throw this.#failed(request, why)
  }

  async #once({ method, key, query = '', headers = {}, body = none }: S3Request): Promise<OpenAnswer> {
    const { clock, transport } = this.#context
    const { origin, path } = this.#place
    const held = this.#keys.get()
    const signingKey = held instanceof Promise ? await held : held
    const bodyHash = sha256(body)
    const target = `${path}/${key === undefined ? '' : this.keyOf(key)}${query === '' ? '' : `?${query}`}`
    const signed = { host: new URL(origin).host, 'x-amz-content-sha256': bodyHash }
    const scope = { region: this.#settings.identity.region, service: 's3', now: clock.now() }
    return openAnswer(
      transport,
      {
        method,
        origin,
        path: target,
        headers: {
          'user-agent': 'sluicegate',
          'x-amz-content-sha256': bodyHash,
          ...headers,
          ...signatureHeaders({ method, path: target, headers: signed, body: { sha256: bodyHash } }, signingKey, scope),
        },
        body: body.length === 0 && (method === 'GET' || method === 'HEAD' || method === 'DELETE') ? null : body,
      },
      { clock, firstByte, stall },
    )
  }

  async #whole(answer: OpenAnswer, request: S3Request): Promise<Buffer | undefined> {
    try {
      return await readWhole(answer.bytes, answerLimit)
    } catch (error) {
      throw this.#failed(request, error)
    }
  }

  /** The service's own word for the error. */
  async #said(answer: OpenAnswer): Promise<string> {
    const text = await readWhole(answer.bytes, answerLimit).catch(() => undefined)
    const code = text === undefined ? undefined : textIn(text.toString('utf8'), 'Code')
    return code === undefined ? '' : `, ${code.slice(0, 100)}`
  }

  #failed({ method }: S3Request, cause: unknown): Fault {
    const why = cause instanceof Error ? cause.message : String(cause)
    this.#context.onProblem(
      `the bucket "${this.#settings.bucket}" did not do what it was asked to (${method}): ${why.toWellFormed()}`,
    )
    return new Fault(
      'file_store_failed',
      'The store that the gateway keeps files in failed or could not be reached. Try again later.',
      { retryAfterMs: 10_000, cause },
    )
  }

  #later(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      this.#context.clock.after(milliseconds, resolve)
    })
  }
}
