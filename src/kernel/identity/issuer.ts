/**
 * Asks an issuer of tokens, and says in words for whoever runs the gateway what is wrong when there is none. Answers are those of
 * OAuth 2.0 (RFC 6749, sections 5.1 and 5.2), which clouds follow, their metadata services included.
 */
import { parseJson } from '../../bytes/parse-json.ts'
import type { Fault } from '../../model/fault.ts'
import { isJsonObject } from '../../model/json.ts'
import type { JsonObject } from '../../model/json.ts'
import type { Clock } from '../clock.ts'
import type { SignerContext } from '../provider.ts'
import { TransportError } from '../transport.ts'
import { callOnce } from './call-once.ts'
import type { Answer } from './call-once.ts'
import { identityFault } from './identity-fault.ts'
import type { Lease } from './token-source.ts'

export interface IssuerQuestion {
  /** The provider that the token is for, for people. */
  readonly provider: string
  /** Who is asked, for people: `Microsoft Entra ID`, `the metadata server`. */
  readonly issuer: string
  readonly method: 'GET' | 'POST' | 'PUT'
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** Headers and body beside or in place of those, where they tell the time and are signed with it. Unix milliseconds. */
  at?(now: number): Pick<IssuerQuestion, 'headers' | 'body'>
  /** What to do when it refuses. */
  readonly whenRefused: string
  /** What to do when it cannot be reached. */
  readonly whenSilent?: string
  /** Texts that no message may repeat. */
  readonly secrets?: readonly string[]
  /** Milliseconds; shorter for services that are next door or nowhere. */
  readonly timeout?: number
  /** Statuses after which asking again may help, beside 429 and 5xx. */
  readonly passing?: readonly number[]
}

const answerLimit = 1 << 20
const usualTimeout = 10_000
/** Milliseconds before asking again after what may pass at once. */
const pauses = [200, 800]
const longestQuote = 200
/** Milliseconds that two clocks may differ by without a word. */
const tolerableSkew = 60_000
/** Of tokens whose issuer does not tell. */
const usualLifetime = 3_600_000

/** The answer, of whatever status below 300. Throws a Fault (`provider_authentication`) otherwise. */
export async function askIssuer(context: SignerContext, question: IssuerQuestion): Promise<IssuerAnswer> {
  let ahead = 0
  for (let attempt = 0; ; attempt += 1) {
    const now = context.clock.now() + ahead
    const answer = await oneAnswer(context, atTime(question, now))
    if (!(answer instanceof TransportError) && answer.status < 300)
      return { ...answer, now: dateOf(answer) ?? context.clock.now() }
    const pause = mayPass(answer, question) ? pauses[attempt] : undefined
    if (pause !== undefined) {
      await later(context.clock, pause)
      continue
    }
    if (answer instanceof TransportError) throw silent(question, answer)
    // What is signed with a wrong time is refused: once more with the issuer's own.
    const skew = question.at === undefined || ahead !== 0 ? 0 : (dateOf(answer) ?? now) - now
    if (Math.abs(skew) < tolerableSkew) throw refused(question, answer)
    ahead = skew
  }
}

function atTime(question: IssuerQuestion, now: number): IssuerQuestion {
  const { headers, body = question.body } = question.at?.(now) ?? {}
  return { ...question, headers: { ...question.headers, ...headers }, ...(body !== undefined && { body }) }
}

export interface IssuerAnswer extends Answer {
  /** What time it is by the issuer's clock, in Unix milliseconds: ends that it tells are of that clock. */
  readonly now: number
}

export interface JsonAnswer extends Pick<IssuerAnswer, 'now'> {
  readonly json: JsonObject
}

/** The same, for answers in JSON. */
export async function askIssuerJson(context: SignerContext, question: IssuerQuestion): Promise<JsonAnswer> {
  const answer = await askIssuer(context, question)
  const json = jsonOf(answer)
  if (json === undefined) throw unreadable(question)
  return { json, now: answer.now }
}

function dateOf({ headers }: Answer): number | undefined {
  const date = Date.parse(headers['date'] ?? '')
  return Number.isNaN(date) ? undefined : date
}

/** A token as OAuth answers are. Some issuers tell the second in which it ends, and numbers may come as text. */
export async function askForToken(context: SignerContext, question: IssuerQuestion): Promise<Lease<string>> {
  const { json, now } = await askIssuerJson(context, question)
  const { access_token: value, expires_in: seconds, expires_on: end } = json
  if (!isToken(value)) throw unreadable(question)
  const lifetimes = [Number(end ?? NaN) * 1000 - now, Number(seconds ?? NaN) * 1000]
  return { value, lifetime: lifetimes.find((lifetime) => lifetime >= 0) ?? usualLifetime }
}

/** Fit for a header. */
export const isToken = (value: unknown): value is string => typeof value === 'string' && /^[\x21-\x7e]+$/.test(value)

/** A body of the type `application/x-www-form-urlencoded`. */
export function formOf(fields: Readonly<Record<string, string | undefined>>): string {
  const form = new URLSearchParams()
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) form.set(name, value)
  return form.toString()
}

export const formHeaders = { 'content-type': 'application/x-www-form-urlencoded' } as const

/** What cannot be a token, said without saying what it was. */
export function unreadable({ provider, issuer }: Pick<IssuerQuestion, 'provider' | 'issuer'>): Fault {
  return identityFault(`${provider}: ${issuer} answered with something that holds no token.`)
}

async function oneAnswer(context: SignerContext, question: IssuerQuestion): Promise<Answer | TransportError> {
  const { clock, transport } = context
  const { method, url, headers, body, timeout = usualTimeout } = question
  const { origin, pathname, search } = new URL(url)
  try {
    return await callOnce(
      transport,
      {
        method,
        origin,
        path: `${pathname}${search}`,
        headers: { accept: 'application/json', 'user-agent': 'sluicegate', ...headers },
        body: body === undefined ? null : Buffer.from(body),
      },
      { clock, timeout, size: answerLimit },
    )
  } catch (error) {
    if (error instanceof TransportError) return error
    throw error
  }
}

function mayPass(answer: Answer | TransportError, { passing = [] }: IssuerQuestion): boolean {
  if (answer instanceof TransportError) return answer.failure === 'reset'
  const { status } = answer
  return status === 429 || (status >= 500 && status !== 501) || passing.includes(status)
}

function later(clock: Clock, milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(milliseconds, resolve)
  })
}

function jsonOf({ bytes }: Answer): JsonObject | undefined {
  try {
    const json = parseJson(Buffer.from(bytes).toString('utf8'))
    return isJsonObject(json) ? json : undefined
  } catch {
    return undefined
  }
}

function silent({ provider, issuer, url, whenSilent }: IssuerQuestion, error: TransportError): Fault {
  const advice = whenSilent ?? 'Check that this machine may connect to it.'
  return identityFault(
    `${provider}: ${issuer} gave no token, because ${new URL(url).host} could not be reached. ${advice}`,
    error,
  )
}

function refused(question: IssuerQuestion, answer: Answer): Fault {
  const { provider, issuer, whenRefused } = question
  const said = quoteOf(answer, question)
  return identityFault(
    `${provider}: ${issuer} refused to issue a token (status ${answer.status}${said === '' ? '' : `, ${said}`}). ${whenRefused}`,
  )
}

/** Its own word for the error and the first line of what it says of it. */
function quoteOf(answer: Answer, { secrets = [] }: IssuerQuestion): string {
  const said =
    errorTexts(answer)
      .filter((text) => typeof text === 'string')
      .join(': ')
      .split(/[\r\n]/, 1)[0] ?? ''
  const clean = secrets.reduce((text, secret) => (secret === '' ? text : text.replaceAll(secret, '[secret]')), said)
  return clean.slice(0, longestQuote).toWellFormed()
}

/** Of OAuth's errors, of Google's, and of AWS's in XML. */
function errorTexts(answer: Answer): unknown[] {
  const json = jsonOf(answer)
  if (json === undefined) {
    const xml = Buffer.from(answer.bytes).toString('utf8')
    return ['Code', 'Message'].map((name) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1])
  }
  const error = isJsonObject(json['error']) ? json['error'] : json
  return [error['error'] ?? error['status'] ?? error['code'], error['error_description'] ?? error['message']]
}
