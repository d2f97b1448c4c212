/** One question to a provider about what it keeps for the gateway's account: a short answer in JSON, or bytes that are read as they come. */
import type { AccountCall } from '../../kernel/account-calls.ts'
import { uploadedFile } from '../../kernel/account-calls.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Exchange } from '../../kernel/exchange.ts'
import { formBody } from '../../kernel/form-body.ts'
import type { FormBody } from '../../kernel/form-body.ts'
import { AnswerTimeout, openAnswer, readWhole } from '../../kernel/open-answer.ts'
import type { OpenAnswer } from '../../kernel/open-answer.ts'
import type { ProviderAccount } from '../../kernel/provider-account.ts'
import type { Outbound } from '../../kernel/transport.ts'
import { TransportError } from '../../kernel/transport.ts'
import type { Upload } from '../../kernel/upload.ts'
import { Fault, asFault } from '../../model/fault.ts'
import { isJsonObject } from '../../model/json.ts'
import type { JsonObject } from '../../model/json.ts'
import { faultOfTransport, toldToClient } from '../attempt/failure.ts'
import { recordText } from '../record-text.ts'
import { requireWithin } from '../within-residency.ts'

export interface AskContext {
  readonly clock: Clock
  /** Drops the call. */
  readonly signal?: AbortSignal
  /** Has the call on record. */
  readonly exchange?: Exchange
  /** What `uploadedFile` stands for. */
  readonly upload?: Upload
}

/** Bytes of an answer that are read. */
const longestAnswer = 8 << 20
/** Bytes of an upload that a provider has to take in a millisecond. */
const slowestUpload = 64

/** Rejects with a Fault, as the client may be told it, where the answer is no success. */
export async function askAccount(
  account: ProviderAccount,
  call: AccountCall,
  context: AskContext,
): Promise<JsonObject> {
  const answer = await openAccount(account, call, context)
  try {
    const bytes = await readWhole(answer.bytes, longestAnswer)
    const json = bytes === undefined ? undefined : parsed(bytes.toString('utf8'))
    // What is deleted may be answered with nothing at all.
    if (json === '') return {}
    if (isJsonObject(json)) return json
  } catch (error) {
    throw context.signal?.aborted === true ? left() : faultOf(account, error)
  }
  throw new Fault('provider_malformed', `${account.provider} answered with something that is no JSON object.`, {
    upstream: { provider: account.provider },
  })
}

/** The same for an answer that is no JSON, of whatever length. */
export async function openAccount(
  account: ProviderAccount,
  call: AccountCall,
  context: AskContext,
): Promise<OpenAnswer> {
  const { clock, exchange } = context
  if (exchange !== undefined) requireWithin(exchange, { ...account.deployment, id: account.provider })
  const startedAt = clock.monotonic()
  let status: number | undefined
  let fault: Fault | undefined
  try {
    const answer = await send(account, call, context)
    status = answer.status
    if (status < 300) {
      account.deployment.standing.answered()
      return answer
    }
    fault = await refusal(account, answer)
    account.deployment.standing.failed(fault)
  } catch (error) {
    fault = context.signal?.aborted === true ? left() : faultOf(account, error)
  } finally {
    if (exchange !== undefined) note(exchange, account, { startedAt, now: clock.monotonic(), status, fault })
  }
  throw toldToClient(fault, account.provider)
}

async function send(account: ProviderAccount, call: AccountCall, context: AskContext): Promise<OpenAnswer> {
  const { deployment, origin, prefix, search } = account
  const { clock, signal, upload } = context
  const form = call.form === undefined ? undefined : formOf(call.form, upload)
  const { firstByte, stall } = deployment.timeouts
  const outbound: Outbound = await deployment.sign({
    method: call.method,
    origin,
    path: withQuery(`${prefix}${call.path}`, search),
    headers: {
      accept: 'application/json',
      'user-agent': 'sluicegate',
      ...(form !== undefined && { 'content-type': form.contentType }),
      ...(call.body !== undefined && { 'content-type': 'application/json' }),
      ...deployment.headers,
    },
    body: form?.body ?? (call.body === undefined ? null : Buffer.from(JSON.stringify(call.body))),
  })
  const { transport } = deployment
  return openAnswer(transport.plain ?? transport, outbound, {
    clock,
    firstByte: firstByte + (upload?.length ?? 0) / slowestUpload,
    stall,
    ...(signal !== undefined && { signal }),
  })
}

function formOf(form: Readonly<Record<string, string>>, upload: Upload | undefined): FormBody {
  if (upload === undefined) throw new TypeError('the call has a form without its file')
  const { name, type, length } = upload
  const fields = Object.entries(form).map(([field, text]) => [
    field,
    text === uploadedFile ? { upload: 0, name, type, size: length } : text,
  ])
  return formBody(Object.fromEntries(fields) as JsonObject, [upload])
}

/** The base URL's own query comes behind that of the call. */
function withQuery(path: string, search: string): string {
  if (search === '') return path
  return path.includes('?') ? `${path}&${search.slice(1)}` : `${path}${search}`
}

async function refusal({ deployment, fault, provider }: ProviderAccount, answer: OpenAnswer): Promise<Fault> {
  const { status, headers } = answer
  const text = (await readWhole(answer.bytes, longestAnswer))?.toString('utf8') ?? ''
  if (status === 401 || status === 403) deployment.refused?.()
  const told = fault.decode(status, parsed(deployment.redact(text)), headers)
  return new Fault(told.code, told.message, {
    status: told.status,
    ...(told.param !== undefined && { param: told.param }),
    ...(told.retryAfterMs !== undefined && { retryAfterMs: told.retryAfterMs }),
    upstream: { ...told.upstream, provider, status },
  })
}

function faultOf({ provider }: ProviderAccount, error: unknown): Fault {
  if (error instanceof TransportError) return faultOfTransport(error, provider)
  if (error instanceof AnswerTimeout)
    return error.phase === 'stall'
      ? new Fault('provider_stalled', `${provider}: ${error.message} in the middle of its answer.`)
      : new Fault('provider_timeout', `${provider} did not answer in time.`)
  return asFault(error)
}

const left = (): Fault => new Fault('client_gone', 'Nobody waits for the answer any more.')

function note(
  exchange: Exchange,
  { provider, deployment }: ProviderAccount,
  call: { startedAt: number; now: number; status: number | undefined; fault: Fault | undefined },
): void {
  const { startedAt, now, status, fault } = call
  exchange.waited += now - startedAt
  exchange.attempts.push({
    deployment: deployment.id,
    provider,
    model: deployment.model,
    ...(deployment.credential !== undefined && { credential: deployment.credential }),
    startedMs: milliseconds(startedAt - exchange.startedAt),
    durationMs: milliseconds(now - startedAt),
    ...(status !== undefined && { status }),
    ...(fault !== undefined && { fault: fault.code, message: recordText(deployment.redact(fault.message)) }),
  })
}

const milliseconds = (value: number): number => Math.round(value * 1000) / 1000

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** The one to use now, of several with the same provider: the first whose credential does not rest. */
export function usableAccount(accounts: readonly ProviderAccount[]): ProviderAccount | undefined {
  return accounts.find(({ deployment }) => deployment.standing.restMs() === 0) ?? accounts[0]
}
