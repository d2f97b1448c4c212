/**
 * Turns the client's request into the one for a deployment. Where both sides speak the same dialect the bytes stay as they are but
 * for the model's name; otherwise the request is decoded once, fitted to the target and encoded for it, and what it cannot say is noted.
 */
import { randomUUID } from 'node:crypto'
import { Body } from '../../kernel/body.ts'
import type { AnyDialect, Deployment, Endpoint } from '../../kernel/deployment.ts'
import type { OnUnsupported } from '../../kernel/route.ts'
import type { Exchange } from '../../kernel/exchange.ts'
import type { MediaFetcher } from '../../kernel/media-fetcher.ts'
import type { Reshaper } from '../../kernel/reshaper.ts'
import { formBody } from '../../kernel/form-body.ts'
import { withFilesInlined } from '../../kernel/inlined-files.ts'
import type { Traits } from '../../kernel/traits.ts'
import type { AskedFor } from '../../kernel/provider.ts'
import type { Outbound } from '../../kernel/transport.ts'
import type { ChatRequest } from '../../model/chat.ts'
import type { EmbeddingRequest } from '../../model/embedding.ts'
import { Fault } from '../../model/fault.ts'
import type { ImageRequest } from '../../model/image.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import type { Loss } from '../../model/loss.ts'
import { makesImages } from '../../model/operation.ts'
import type { ExchangeOperation } from '../../model/operation.ts'
import type { ModerationRequest } from '../../model/moderation.ts'
import { writesTranscript } from '../../model/transcription.ts'
import type { TranscriptionRequest } from '../../model/transcription.ts'
import { adaptRequest } from '../adapt/adapt-request.ts'
import { bringInImages, hasImagesToFetch } from '../adapt/bring-in-images.ts'
import { bringInMedia, urlsToFetch } from '../adapt/bring-in-media.ts'
import { emulate, mayEmulate } from '../adapt/emulate.ts'
import { withFreeText } from '../adapt/free-text-tools.ts'
import { mayNeedFitting, watchFor } from '../adapt/in-place.ts'
import type { Watch } from '../adapt/in-place.ts'
import { requireWithin } from '../within-residency.ts'
import { withCacheMarks } from '../adapt/place-cache-marks.ts'

export interface Prepared {
  /** The provider is asked to go on from what it remembers. */
  readonly native: boolean
  readonly endpoint: Endpoint
  readonly outbound: Outbound
  /** Both sides speak the same dialect: the answer's bytes are the client's too. The request may still have been rewritten. */
  readonly verbatim: boolean
  /** Turns the answer back into what was asked for; never together with `verbatim`. */
  readonly reshaper?: Reshaper
  /** After an answer that the reshaper has refused: what asks the same target for a better one. */
  readonly again?: () => Prepared | Promise<Prepared> | undefined
  /** The request is more than the target takes in one call: what is sent one after the other in place of it. */
  readonly parts?: readonly Prepared[]
  /** Of such a part: how many vectors it asks for. */
  readonly inputs?: number
  /** Usage was asked for on the gateway's own account. */
  readonly withholdUsage: boolean
  readonly lost: readonly Loss[]
}

/** The endpoint of the client's own dialect, else the first one that serves the operation. */
export function chooseEndpoint(exchange: Exchange, deployment: Deployment): Endpoint | undefined {
  const endpoints = deployment.endpoints.get(exchange.surface.operation)
  return endpoints?.find(({ dialect }) => dialect === exchange.surface.dialect) ?? endpoints?.[0]
}

interface Place {
  readonly exchange: Exchange
  readonly deployment: Deployment
  readonly endpoint: Endpoint
  /** What is asked of this target. */
  readonly body: Body<unknown>
  readonly native: boolean
}

/** A promise only where media has to be fetched. Throws, or rejects with, a Fault that says why this target cannot be asked. */
export function prepare(
  exchange: Exchange,
  deployment: Deployment,
  media: MediaFetcher | undefined,
): Prepared | Promise<Prepared> {
  requireWithin(exchange, deployment)
  const endpoint = chooseEndpoint(exchange, deployment)
  if (endpoint === undefined) {
    throw new Fault('operation_not_supported', `${deployment.id} does not serve ${exchange.surface.operation}.`)
  }
  // A client that wants its stream in another framing gets it translated, be it into its own dialect.
  const verbatim = endpoint.dialect === exchange.surface.dialect && exchange.address?.framing === undefined
  const native = verbatim && exchange.native?.provider === deployment.provider ? exchange.native : undefined
  const place = { exchange, deployment, endpoint, body: native?.body ?? exchange.body, native: native !== undefined }
  const { maxInputs } = endpoint
  const inOne = maxInputs === undefined || (exchange.head.inputs ?? 0) <= maxInputs
  if (makesImages(exchange.surface.operation) && (!verbatim || !inOne))
    return prepareImages(place, inOne ? undefined : maxInputs, media)
  if (!inOne) return inParts(place, maxInputs)
  if (verbatim && mustFitTranscript(place)) return prepareTranslated(place, rewrite(place), false, media)
  if (verbatim && endpoint.dialect.mustTranslate?.(place.body) !== true) {
    const rewritten = rewrittenInPlace(place)
    if (rewritten === undefined) return untouched(place)
    return prepareTranslated(place, rewritten, true, media)
  }
  return prepareTranslated(place, rewrite(place), verbatim, media)
}

function untouched(place: Place): Prepared {
  const { exchange, deployment, endpoint } = place
  // What is read of it when the answer comes is found wrong now: by then it would look like the provider's fault.
  if (isReadLater(exchange.surface.operation)) place.body.read()
  const { dialect } = endpoint
  const asksUsage = exchange.head.stream && wantsUsage(exchange, deployment)
  const edits = asksUsage ? dialect.usageEdits?.(place.body) : undefined
  const told = askedFor(place, place.body, true)
  const namesModel = exchange.head.model !== deployment.model && dialect.addressed !== true
  const body = place.body.spliced({
    ...edits,
    ...(namesModel ? namingOf(deployment) : undefined),
    ...endpoint.edits?.(told),
    ...deployment.overrides,
  })
  return {
    native: place.native,
    endpoint,
    outbound: carrying(outboundOf(place, body, told, true), place, body),
    verbatim: true,
    withholdUsage: edits !== undefined,
    lost: [],
  }
}

const isReadLater = (operation: ExchangeOperation): boolean => operation === 'video' || makesImages(operation)

const namings = new WeakMap<Deployment, { readonly model: string }>()

/** The edit that puts the deployment's model in the place of the client's. */
function namingOf(deployment: Deployment): { readonly model: string } {
  let naming = namings.get(deployment)
  if (naming === undefined) namings.set(deployment, (naming = { model: JSON.stringify(deployment.model) }))
  return naming
}

/** All are made beforehand, because what one of them cannot say is better known before the others are paid for. */
function inParts(place: Place, maxInputs: number): Prepared {
  const request = place.body.read() as EmbeddingRequest | ModerationRequest
  const parts: Prepared[] = []
  for (let at = 0; at < request.inputs.length; at += maxInputs) {
    const inputs = request.inputs.slice(at, at + maxInputs)
    parts.push({ ...encoded(place, { request: { ...request, inputs }, lost: [] }, false), inputs: inputs.length })
  }
  return together(place, parts)
}

/** Services that make fewer pictures at once are asked again, each time for as many as they make. */
function imagesInParts(place: Place, request: ImageRequest, most: number): Prepared {
  const parts: Prepared[] = []
  for (let left = request.n ?? 1; left > 0; left -= most) {
    const n = Math.min(left, most)
    // The same seed would make the same pictures again.
    const seed = request.seed === undefined ? {} : { seed: request.seed + parts.length }
    parts.push({ ...encoded(place, { request: { ...request, n, ...seed }, lost: [] }, false), inputs: n })
  }
  return together(place, parts)
}

function together(place: Place, parts: readonly Prepared[]): Prepared {
  const lost = new Map(parts.flatMap((part) => part.lost.map((loss) => [loss.path, loss])))
  return { ...(parts[0] ?? untouched(place)), parts, lost: [...lost.values()] }
}

/** A promise only where pictures to work on have to be fetched. */
function prepareImages(
  place: Place,
  most: number | undefined,
  media: MediaFetcher | undefined,
): Prepared | Promise<Prepared> {
  // What is translated comes as a document; a stream is made of it afterwards, without what there is of a picture before it is done.
  const { partialImages = 0, ...asked } = place.body.read() as ImageRequest
  const request: ImageRequest = { ...asked, stream: false }
  const reason = `${place.endpoint.dialect.id} tells of no picture before it is done`
  const lost: Loss[] = partialImages > 0 ? [{ path: 'partial_images', kind: 'dropped', reason }] : []
  const make = (whole: ImageRequest): Prepared =>
    most === undefined ? encoded(place, { request: whole, lost }, false) : imagesInParts(place, whole, most)
  const fetches = media !== undefined && hasImagesToFetch(request, place.endpoint.traits)
  return fetches ? bringInImages(request, media, place.exchange.signal).then(make) : make(request)
}

interface Rewritten {
  readonly request: unknown
  readonly lost: readonly Loss[]
  readonly reshaper?: Reshaper
  /** Another request in place of this one, made fit for the target in the same way. */
  readonly refit?: (request: ChatRequest) => unknown
}

/** What has to change although both sides speak the same dialect; undefined when nothing has to. */
function rewrittenInPlace(place: Place): Rewritten | undefined {
  const { exchange, endpoint, deployment, body } = place
  if (exchange.surface.operation !== 'chat') return undefined
  const { traits, particular } = endpoint
  const marks = traits.cacheMarks === true && policyOf(exchange, 'promptCaching') === 'auto'
  const policy = exchange.plan.structuredOutput
  if (!marks && !mayEmulate(traits, policy) && !mayNeedFitting(body, watchOf(particular))) return undefined
  const asked = body.read() as ChatRequest
  const emulation = emulate(marks ? withCacheMarks(asked) : asked, { traits, target: deployment.id, policy })
  const { request, lost } = adaptRequest(emulation.request, particular, undefined)
  const fetches = particular.mediaUrls !== undefined && urlsToFetch(request, traits).length > 0
  if (request === asked && emulation.reshaper === undefined && !fetches) return undefined
  return {
    ...emulation,
    request,
    lost: [...emulation.lost, ...lost],
    refit: (next) => adaptRequest(next, particular, undefined).request,
  }
}

/** Whether the transcript is wanted in a form that this service of the protocol does not write. */
function mustFitTranscript({ exchange, endpoint, body }: Place): boolean {
  const { transcripts } = endpoint.traits
  return (
    transcripts !== undefined &&
    endpoint.dialect.answersInText === true &&
    (exchange.head.stream || !writesTranscript(body.read() as TranscriptionRequest, transcripts))
  )
}

const watches = new WeakMap<Traits, Watch>()

/** Found once for each endpoint of a plan. */
function watchOf(particular: Traits): Watch {
  let watch = watches.get(particular)
  if (watch === undefined) watches.set(particular, (watch = watchFor(particular)))
  return watch
}

/** The request as the target can take it, before it is encoded. */
function rewrite({ exchange, deployment, endpoint, body }: Place): Rewritten {
  const asked = body.read()
  if (exchange.surface.operation !== 'chat') return { request: asked, lost: [] }
  const { traits } = endpoint
  const policy = exchange.plan.structuredOutput
  const chat = asked as ChatRequest
  const emulation = withFreeText(emulate(chat, { traits, target: deployment.id, policy }), chat)
  const { request, lost } = adaptRequest(emulation.request, traits, deployment.maxOutput)
  const marks = traits.cacheMarks === true && policyOf(exchange, 'promptCaching') === 'auto'
  const marked = (fitted: ChatRequest): ChatRequest => (marks ? withCacheMarks(fitted) : fitted)
  return {
    request: marked(request),
    lost: [...emulation.lost, ...lost],
    ...(emulation.reshaper !== undefined && { reshaper: emulation.reshaper }),
    refit: (next) => marked(adaptRequest(next, traits, deployment.maxOutput).request),
  }
}

function prepareTranslated(
  place: Place,
  rewritten: Rewritten,
  verbatim: boolean,
  media?: MediaFetcher,
): Prepared | Promise<Prepared> {
  const { exchange, endpoint } = place
  if (media !== undefined && exchange.surface.operation === 'chat') {
    const request = rewritten.request as ChatRequest
    const urls = urlsToFetch(request, endpoint.traits)
    if (urls.length > 0) {
      return bringInMedia(request, urls, endpoint.traits, media, exchange.signal).then((whole) =>
        withAgain(place, { ...rewritten, request: whole }, verbatim, media),
      )
    }
  }
  return withAgain(place, rewritten, verbatim, media)
}

function withAgain(place: Place, rewritten: Rewritten, verbatim: boolean, media: MediaFetcher | undefined): Prepared {
  const prepared = encoded(place, rewritten, verbatim)
  const { reshaper, refit = (request) => request } = rewritten
  if (reshaper?.again === undefined) return prepared
  return {
    ...prepared,
    again() {
      const next = reshaper.again?.()
      if (next === undefined) return undefined
      // What the first request lost, this one has lost too.
      const { lost } = rewritten
      return prepareTranslated(place, { lost, refit, ...next, request: refit(next.request) }, verbatim, media)
    },
  }
}

function encoded(place: Place, { request, lost: before, reshaper }: Rewritten, verbatim: boolean): Prepared {
  const { exchange, deployment, endpoint } = place
  const mark = exchange.uploads.length > 0 ? randomUUID() : undefined
  const context = {
    model: deployment.model,
    ...(deployment.maxOutput !== undefined && { maxOutput: deployment.maxOutput }),
    ...(endpoint.spelling !== undefined && { spelling: endpoint.spelling }),
    ...(endpoint.traits.olderMaxTokens === true && { olderMaxTokens: true }),
    ...(endpoint.traits.transcripts !== undefined && { transcripts: endpoint.traits.transcripts }),
    ...(mark !== undefined && { fileMark: mark }),
  }
  const passes = verbatim && reshaper === undefined
  const asks = exchange.head.stream && (passes ? wantsUsage(exchange, deployment) : deployment.streamUsage !== 'never')
  const asked = asks ? withUsageAsked(request) : request
  const { json, lost: unsaid, address } = endpoint.dialect.request.encode(asked, context)
  const sameDialect = endpoint.dialect === exchange.surface.dialect
  const bytes = Buffer.from(JSON.stringify(json))
  const whole = new Body<unknown>(bytes, (value) => value)
  const told = askedFor(place, whole, sameDialect)
  const body =
    endpoint.edits === undefined && deployment.overrides === undefined
      ? bytes
      : whole.splice({ ...endpoint.edits?.(told), ...deployment.overrides })
  return {
    native: place.native,
    endpoint,
    outbound: inlined(
      carrying(addressed(outboundOf(place, body, told, sameDialect), address), place, body),
      mark,
      exchange,
    ),
    verbatim: passes,
    ...(reshaper !== undefined && { reshaper }),
    // Where the answer's bytes are the client's, it must not see what it did not ask for.
    withholdUsage: passes && asks && !asksForUsage(request),
    lost: judged([...before, ...unsaid], policyOf(exchange, 'onUnsupported'), deployment.id),
  }
}

/** What is told of the losses; throws a Fault where they are not to be accepted. */
function judged(lost: readonly Loss[], policy: OnUnsupported, target: string): readonly Loss[] {
  if (policy === 'refuse' && lost.length > 0) {
    const paths = lost.map(({ path }) => path).join(', ')
    throw new Fault('not_expressible', `${target} cannot express: ${paths}. Remove them, or choose another model.`, {
      param: lost[0]?.path ?? 'body',
    })
  }
  return policy === 'drop' ? [] : lost
}

/** What the key says, else the route, else the gateway. */
function policyOf(exchange: Exchange, what: 'onUnsupported'): OnUnsupported
function policyOf(exchange: Exchange, what: 'promptCaching'): 'auto' | 'off'
function policyOf({ key, route, plan }: Exchange, what: 'onUnsupported' | 'promptCaching'): string {
  const ofKey = what === 'onUnsupported' ? key?.policy.onUnsupported : undefined
  return ofKey ?? route?.translation?.[what] ?? plan.translation[what]
}

/** What a service's address and what it wants otherwise in the body may depend on; `body` is as the dialect has it. */
function askedFor({ exchange, deployment }: Place, body: Body<unknown>, sameDialect: boolean): AskedFor {
  return {
    model: deployment.model,
    stream: exchange.head.stream,
    header: (name) => (sameDialect ? exchange.header(name) : undefined) ?? deployment.headers[name],
    member: (name) => body.member(name) as JsonValue | undefined,
    attemptId: `${exchange.id}.${exchange.attempts.length}`,
  }
}

function outboundOf(
  { exchange, deployment, endpoint }: Place,
  body: Outbound['body'],
  asked: AskedFor,
  sameDialect: boolean,
): Outbound {
  const { stream } = exchange.head
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    accept: acceptedBy(endpoint.dialect, stream),
    'user-agent': 'sluicegate',
    ...deployment.headers,
  }
  if (sameDialect) {
    for (const name of endpoint.dialect.requestHeaders) {
      const value = exchange.header(name)
      if (value !== undefined) headers[name] = value
    }
  }
  return {
    method: 'POST',
    origin: endpoint.origin,
    path: endpoint.path(deployment.model, stream, asked),
    headers,
    body,
  }
}

function acceptedBy({ stream, media, answersInText }: AnyDialect, streams: boolean): string {
  if (media !== undefined || answersInText === true) return '*/*'
  return (streams ? stream?.contentType : undefined) ?? 'application/json'
}

/** The request with the files that it carries; `fields` is the JSON that would be its body. */
function carrying(
  outbound: Outbound,
  { exchange, endpoint }: Place,
  fields: Uint8Array | readonly Uint8Array[],
): Outbound {
  const { carries } = endpoint.dialect
  const { uploads } = exchange
  if (carries === undefined || (carries === 'form-with-files' && uploads.length === 0)) return outbound
  if (carries === 'file') {
    const [upload] = uploads
    if (upload === undefined) throw new Fault('internal_error', 'The request came without its file.')
    return { ...outbound, headers: { ...outbound.headers, 'content-type': upload.type }, body: upload }
  }
  const { contentType, body } = formBody(fieldsIn(fields), uploads)
  return { ...outbound, headers: { ...outbound.headers, 'content-type': contentType }, body }
}

/** The request with files in the places of their marks. */
function inlined(outbound: Outbound, mark: string | undefined, { uploads }: Exchange): Outbound {
  const { body } = outbound
  if (mark === undefined || !(body instanceof Uint8Array)) return outbound
  const filled = withFilesInlined(Buffer.from(body).toString('utf8'), mark, uploads)
  return typeof filled === 'string' ? outbound : { ...outbound, body: filled }
}

function fieldsIn(json: Uint8Array | readonly Uint8Array[]): JsonObject {
  const bytes = json instanceof Uint8Array ? json : Buffer.concat(json)
  return JSON.parse(Buffer.from(bytes).toString('utf8')) as JsonObject
}

/** The request at what its protocol puts behind the endpoint's path. */
function addressed(outbound: Outbound, address: string | undefined): Outbound {
  if (address === undefined) return outbound
  const [path = '', query] = outbound.path.split('?', 2)
  const [segments = '', ownQuery] = address.split('?', 2)
  const queries = [query, ownQuery].filter((each) => each !== undefined && each !== '')
  return { ...outbound, path: `${path}${segments}${queries.length > 0 ? `?${queries.join('&')}` : ''}` }
}

const asksForUsage = (request: unknown): boolean =>
  typeof request === 'object' && request !== null && 'streamUsage' in request && request.streamUsage === true

/** The same request with usage asked for in its stream: a translated stream is ours to shape, so the question costs nothing. */
function withUsageAsked(request: unknown): unknown {
  return typeof request === 'object' && request !== null ? { ...request, streamUsage: true } : request
}

export function wantsUsage(exchange: Exchange, deployment: Deployment): boolean {
  if (deployment.streamUsage === 'always') return true
  if (deployment.streamUsage === 'never') return false
  const policy = exchange.key?.policy
  return (policy?.budgets?.length ?? 0) > 0 || (policy?.tokens?.length ?? 0) > 0
}
