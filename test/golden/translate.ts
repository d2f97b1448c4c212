/**
 * One case on its way through the gateway: a client of one dialect asks a provider of another, and gets its answer. Everything that a
 * client says is first put into the client's own words, so that nothing is translated which no client could have sent.
 */
import type { ChatDialect } from '../../src/kernel/dialect.ts'
import type { MediaFetcher } from '../../src/kernel/media-fetcher.ts'
import type { ChatRequest, ChatResponse } from '../../src/model/chat.ts'
import { foldChat } from '../../src/model/fold-chat.ts'
import type { JsonObject, JsonValue } from '../../src/model/json.ts'
import { adaptRequest } from '../../src/pipeline/adapt/adapt-request.ts'
import { bringInMedia, urlsToFetch } from '../../src/pipeline/adapt/bring-in-media.ts'
import { encodeAnswer, encodeRequest, encodeStream, once } from './exercise.ts'
import type { Exercised, Said } from './exercise.ts'
import type { GoldenCase } from './golden-case.ts'
import { isSameAnswer, isSameRequest } from './meaning.ts'
import { streamOf } from './stream-of.ts'
import { clientModels } from './target-models.ts'

export interface TranslatedRequest extends Exercised<ChatRequest> {
  /** Media that the client named by URL were fetched for the provider. */
  readonly fetched: boolean
}

/** What the client said, what the provider is sent, what was lost on the way and what the provider reads. */
export async function translateRequest(
  golden: GoldenCase,
  client: ChatDialect,
  provider: ChatDialect,
): Promise<TranslatedRequest | undefined> {
  const said = saidByClient(golden, client)
  return said && (await sent(said, provider))
}

const never = new AbortController().signal

const fetcher: MediaFetcher = {
  fetch: (url) => Promise.resolve({ mediaType: mediaTypeOf(url), base64: Buffer.from(url).toString('base64') }),
}

const mediaTypeOf = (url: string): string => (url.endsWith('.pdf') ? 'application/pdf' : 'image/png')

/** As the pipeline sends it: fitted to what the dialect's services take in general, then encoded. */
async function sent(said: ChatRequest, provider: ChatDialect): Promise<TranslatedRequest> {
  const traits = provider.traits ?? {}
  const { request, lost } = adaptRequest(said, traits, undefined)
  const urls = urlsToFetch(request, traits)
  const fetched = urls.length > 0
  const brought = (asked: ChatRequest): Promise<ChatRequest> => bringInMedia(asked, urls, traits, fetcher, never)
  const encoded = encodeRequest(fetched ? await brought(request) : request, provider)
  const asked = fetched ? await brought(said) : said
  return { ...encoded, asked, lost: [...lost, ...encoded.lost], fetched }
}

const asked: Said<ChatRequest | undefined> = new WeakMap()
const answered: Said<ChatResponse | undefined> = new WeakMap()

/** What the client's wire says, if that is the case, whatever else was lost. Undefined where the protocol has no words for it. */
export function saidByClient(golden: GoldenCase, client: ChatDialect): ChatRequest | undefined {
  return once(asked, golden, client, () => askedBy(golden, client))
}

function askedBy(golden: GoldenCase, client: ChatDialect): ChatRequest | undefined {
  const asked = golden.speaks(client.id) ? golden.request(client.id) : undefined
  if (asked === undefined) return undefined
  const said = clientModels(client.id).map((model) => encodeRequest(asked, client, model))
  const exact = said.find(({ read }) => isSameRequest(asked, read))
  return (exact ?? said.find(({ lost }) => lost.length === 0))?.read
}

/** Undefined where the provider's protocol has no words for the answer. */
export function saidByProvider(golden: GoldenCase, provider: ChatDialect): ChatResponse | undefined {
  return once(answered, golden, provider, () => answeredBy(golden, provider))
}

function answeredBy(golden: GoldenCase, provider: ChatDialect): ChatResponse | undefined {
  const wire = golden.wire?.[provider.id]
  if (wire !== undefined) return provider.response.decode(wire)
  const told = golden.speaks(provider.id) ? golden.answer(provider.id) : undefined
  const asked = golden.request(provider.id)
  const said = told && encodeAnswer(told, provider, asked && encodeRequest(asked, provider).read)
  return said !== undefined && (said.lost.length === 0 || isSameAnswer(said.asked, said.read)) ? said.read : undefined
}

export interface TranslatedAnswer extends Exercised<ChatResponse> {
  /** What the client makes of the same answer as a stream. */
  readonly streamed?: ChatResponse
}

export function translateAnswer(
  golden: GoldenCase,
  client: ChatDialect,
  provider: ChatDialect,
): TranslatedAnswer | undefined {
  const said = saidByProvider(golden, provider)
  if (said === undefined) return undefined
  const asked = saidByClient(golden, client)
  const plain = encodeAnswer(said, client, asked)
  const stream = encodeStream(streamOf(said), said, client, asked && { ...asked, stream: true })
  const more = (stream?.lost ?? []).filter(({ reason }) => plain.lost.every((loss) => loss.reason !== reason))
  return {
    ...plain,
    lost: [...plain.lost, ...more],
    ...(stream !== undefined && { streamed: foldChat(stream.events) }),
  }
}

/**
 * How clients of a dialect put an answer into their next request: the wire form of a request whose second message or item is what the
 * assistant said, and of the answer.
 */
const returns: Readonly<Record<string, (request: JsonObject, answer: JsonObject) => JsonObject>> = {
  'openai-chat': (request, answer) => placed(request, 'messages', [at(answer, 'choices', 0, 'message')]),
  'anthropic-messages': (request, { role, content }) =>
    placed(request, 'messages', [{ role: role ?? null, content: content ?? null }]),
  'openai-responses': (request, { output }) => placed(request, 'input', Array.isArray(output) ? output : []),
  gemini: (request, answer) => placed(request, 'contents', [at(answer, 'candidates', 0, 'content')]),
  'ollama-chat': (request, { message }) => placed(request, 'messages', [message ?? null]),
}

function placed(request: JsonObject, member: string, said: readonly JsonValue[]): JsonObject {
  const list = request[member]
  return Array.isArray(list) ? { ...request, [member]: list.toSpliced(1, 1, ...said) } : request
}

function at(json: JsonValue, ...steps: readonly (string | number)[]): JsonValue {
  return steps.reduce<JsonValue>((value, step) => (value as Record<string | number, JsonValue>)[step] ?? null, json)
}

/**
 * The next request, in which the client returns what the provider had answered: what the provider is sent then, and what was lost.
 * Undefined where clients have no way to return it.
 */
export async function translateReturn(
  golden: GoldenCase,
  client: ChatDialect,
  provider: ChatDialect,
): Promise<TranslatedRequest | undefined> {
  const answer = translateAnswer(golden, client, provider)
  const asked = golden.request(client.id)
  const put = returns[client.id]
  if (answer === undefined || asked === undefined || put === undefined) return undefined
  const { messages } = asked
  const bare = messages.map((message) => ({
    ...message,
    parts: message.parts.filter(({ type }) => type !== 'reasoning'),
  }))
  const next = put(encodeRequest({ ...asked, messages: bare }, client).json as JsonObject, answer.json as JsonObject)
  const address = client.addressed === true ? { model: asked.model, stream: false } : undefined
  return sent(client.request.decode(next, address), provider)
}
