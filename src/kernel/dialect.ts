/**
 * The contract of a dialect: one wire protocol of one operation, as a pure codec between JSON or stream bytes and the model. It
 * does no I/O and knows no provider. N surfaces and M providers share these codecs, so there are never N×M translators.
 */
import type { ChatEvent } from '../model/chat-event.ts'
import type { ChatRequest, ChatResponse } from '../model/chat.ts'
import type { EmbeddingRequest, EmbeddingResponse } from '../model/embedding.ts'
import type { Fault } from '../model/fault.ts'
import type { Finish } from '../model/finish.ts'
import type { JsonValue } from '../model/json.ts'
import type { Loss } from '../model/loss.ts'
import type { ImageRequest, ImageResponse } from '../model/image.ts'
import type { ModerationRequest, ModerationResponse } from '../model/moderation.ts'
import type { Operation } from '../model/operation.ts'
import type { RerankRequest, RerankResponse } from '../model/rerank.ts'
import type { SafetyVerdict } from '../model/safety.ts'
import type { SearchRequest, SearchResponse } from '../model/search.ts'
import type { SpeechRequest } from '../model/speech.ts'
import type { TranscriptFormat, TranscriptionRequest, TranscriptionResponse } from '../model/transcription.ts'
import type { Usage } from '../model/usage.ts'
import type { VideoJob, VideoRequest } from '../model/video.ts'
import type { Body } from './body.ts'
import type { Spelling } from './spelling.ts'
import type { Traits } from './traits.ts'
import type { FormFiles } from './upload.ts'
import type { VideoCalls } from './video-calls.ts'

export interface Encoded {
  readonly json: JsonValue
  readonly lost: readonly Loss[]
  /** Of a request: what the protocol puts behind the path of the endpoint, further segments or a query. */
  readonly address?: string
  /** Of an answer that is not JSON. */
  readonly text?: { readonly contentType: string; readonly text: string }
}

/** What an encoder has to know of the place its output goes to. */
export interface EncodeContext<Req = ChatRequest> {
  /** The model name to write: the provider's own for requests, the provider's own in responses too. */
  readonly model: string
  /** The most tokens the target model can write, where known; for protocols that require a limit. */
  readonly maxOutput?: number
  /** Of a request: how the service spells what others of its protocol spell otherwise. */
  readonly spelling?: Spelling
  /** The target knows the limit of an answer as `max_tokens` alone. */
  readonly olderMaxTokens?: boolean
  /** Of a request: the forms of transcripts that the service writes, where it has not all of them. */
  readonly transcripts?: readonly TranscriptFormat[]
  /** Of a request that came with files: stands for one in JSON, where it is sent as base64 (`fileMark`). */
  readonly fileMark?: string
  /** Of an answer: what the client asked, for protocols that repeat settings or spell an answer as its request was spelled. */
  readonly request?: Req
  /** Of an answer: when it came, in Unix seconds. */
  readonly answeredAt?: number
  /** Of an answer: an id of the gateway's own, unlike any other's, for protocols whose answers can be asked for again by their id. */
  readonly answerId?: string
}

/** What the URL of a request says in protocols whose body does not say it. */
export interface RequestAddress {
  readonly model?: string
  readonly stream?: boolean
  /** The client reads a stream as one JSON array rather than as events. */
  readonly framing?: 'json-array'
}

export interface Codec<T, Req> {
  /** Throws a Fault (`invalid_request`, with `param`) for anything that is not of the protocol. `address` comes with requests alone. */
  decode(json: unknown, address?: RequestAddress): T
  encode(value: T, context: EncodeContext<Req>): Encoded
}

/** A piece of a stream. Text, but for protocols that frame their events in binary. */
export type Chunk = string | Uint8Array

/** The few facts that routing and limits need, read from top-level members without decoding the rest. */
export interface RequestHead {
  readonly model: string
  readonly stream: boolean
  readonly maxOutputTokens?: number
  /** Choices asked for. */
  readonly n?: number
  readonly endUser?: string
  /** The most of what is not tokens that it can be billed for, by the names of `Usage.units`. */
  readonly units?: Readonly<Record<string, number>>
  /** Of those, what their price may depend on, as far as the request tells: `{ images: ['1024x1024', 'hd'] }`. */
  readonly unitKinds?: Usage['unitKinds']
  /** Of a request for vectors: how many it asks for. */
  readonly inputs?: number
  /** Tokens that the answer will have, as far as the request tells: speech is as long as its text. */
  readonly usualOutput?: number
  /** Tokens of the input, where they are in a file: the size of the body says nothing of them. */
  readonly inputTokens?: number
}

/** What metering needs to know of an answer that is passed through. */
export interface AnswerFacts {
  readonly safety?: readonly SafetyVerdict[]
  readonly id?: string
  readonly model?: string
  readonly usage?: Usage
  readonly finish?: Finish
  /** How many vectors there are, where that is seen without reading them. */
  readonly vectors?: number
}

export interface StreamFacts extends AnswerFacts {
  /** A terminal event was seen: `[DONE]`, `message_stop`, or the last choice's finish reason. */
  readonly complete: boolean
  /** The bytes passed so far end between two events. */
  readonly atBoundary: boolean
  /** The provider reported an error inside the stream. */
  readonly fault?: Fault
  /** Of a complete stream that lacks what its protocol ends streams with: that, for the client's readers that wait for it. */
  readonly closing?: Chunk
  /** Output tokens guessed from what went by, for answers that end before the provider told the usage. */
  readonly estimatedOutput: number
}

/** Watches a stream that is passed through in its own dialect, at the cost of a few native searches per chunk. */
export interface StreamObserver {
  /** Returns the bytes to send on: the same ones, unless an event has to be withheld. May return none (length 0). */
  push(chunk: Uint8Array): Uint8Array
  facts(): StreamFacts
  /** What tells the client of an error that ends the stream here, where that depends on what has passed. */
  fault?(fault: Fault): Chunk
}

export interface StreamDecoder<Event> {
  push(chunk: Uint8Array): Event[]
  /** The stream has ended; gives what was held back. A stream without its terminal event gives an `error` event (`provider_cut`). */
  end(): Event[]
}

export interface StreamEncoder<Event> {
  /** What to send, perhaps nothing (length 0). */
  push(event: Event): Chunk
  /** What closes the stream properly; empty when the events already did. */
  end(): Chunk
  /** What tells the client of an error that ends the stream here, where that depends on what was written before. */
  fault?(fault: Fault): Chunk
  readonly lost: readonly Loss[]
}

export interface ObserveOptions {
  /** The gateway asked for usage on its own account: the client must not see the extra event. */
  readonly withholdUsage: boolean
}

/** Options of an encoder that depend on the client's request. */
export interface StreamContext extends EncodeContext {
  /** The client wants usage in the stream, where its protocol leaves that to it. */
  readonly streamUsage: boolean
  readonly framing?: RequestAddress['framing']
}

/** How events are set apart: `sse` by blank lines, `lines` by line feeds (one JSON text each), `binary` by lengths of their own. */
export type StreamFraming = 'sse' | 'lines' | 'binary'

/** As much of a protocol's streams as it takes to pass them on to clients of the same protocol. */
export interface PassedStream {
  /** How the content type of such a stream begins; sent along as `accept` too. */
  readonly contentType: string
  readonly framing: StreamFraming
  /** The most bytes of one event, where it may be more than `usualEvent`: it holds media. */
  readonly longestEvent?: number
  /** Types of events that come before the answer and say nothing of it: as long as no other has come, an error can be kept from the client. */
  readonly preludes?: ReadonlySet<string>
  observer(options: ObserveOptions): StreamObserver
  /** An error event in this protocol, complete in itself, for a stream that has begun. */
  fault(fault: Fault): Chunk
}

export interface StreamCodec<Event> extends PassedStream {
  /** What says nothing but that the stream goes on, where clients of the protocol are known to read over it, at its beginning as well. */
  readonly keepAlive?: string
  decoder(): StreamDecoder<Event>
  encoder(context: StreamContext): StreamEncoder<Event>
}

/** Answers that are media and no documents: their bytes go on as they come, under the content type that the provider gives them. */
export interface MediaCodec {
  /** Whether a successful answer of this content type (in lower case) is one. */
  is(contentType: string): boolean
  /** The events that carry the bytes of such an answer, in protocols that can have it so. */
  readonly events?: MediaEvents
  /** Of protocols whose answers have the media within text. */
  readonly wrapped?: WrappedMedia
}

/** Answers that carry media in events or JSON: the client gets what is inside. */
export interface WrappedMedia {
  /** How the content type of such an answer begins. */
  readonly contentType: string
  /** `request` is the client's, in the model's terms. */
  reader(request: unknown): MediaReader
}

/** Takes media out of one answer. Throws a Fault for an answer that is not of the protocol, or that tells of an error. */
export interface MediaReader {
  /** Of the media. */
  readonly contentType: string
  /** As many bytes of the media as can be told by now. */
  push(chunk: Uint8Array): Uint8Array
  /** The answer is over: the rest of the media. Throws a Fault for an answer that lacks its end. */
  end(): Uint8Array
  facts(): AnswerFacts
}

export interface MediaEvents {
  piece(bytes: Uint8Array): Chunk
  end(usage: Usage): Chunk
}

export interface EncodedFault {
  readonly status: number
  readonly json: JsonValue
  /** Headers that the protocol tells of an error in, lower-case. */
  readonly headers?: Readonly<Record<string, string>>
}

export interface FaultCodec {
  /** `body` is parsed JSON, or text when it was not JSON. Never throws. */
  decode(status: number, body: unknown, headers: Readonly<Record<string, string>>): Fault
  encode(fault: Fault, requestId: string): EncodedFault
}

export interface Dialect<Req, Res, Event> {
  readonly id: string
  readonly operation: Operation
  /** Client headers (lower-case) that belong to the protocol and go along to a provider of the same dialect. */
  readonly requestHeaders: readonly string[]
  /** The URL names the model and says whether to stream; the body says neither. */
  readonly addressed?: boolean
  /**
   * Texts that every body with media mentions (`Body.mentions`), be they in it or elsewhere: without one its size tells how many tokens it has.
   */
  readonly mediaMarks: readonly string[]
  /** The top-level member that holds the conversation's turns. Default: `messages`. */
  readonly turns?: string
  /** Of vectors: whether a request says what they are for, once for all of them or for each. */
  readonly tasks?: 'once' | 'each'
  /** What holds for services of this protocol in general. */
  readonly traits?: Traits
  /** Reads the head and refuses what is plainly not of the protocol. Throws a Fault. */
  head(body: Body<Req>, address?: RequestAddress): RequestHead
  readonly request: Codec<Req, Req>
  readonly response: Codec<Res, Req>
  readonly fault: FaultCodec
  /** Reads usage and finish from a complete answer's bytes; throws a Fault (`provider_malformed`) when they are not of the protocol. */
  facts(body: Body<Res>, contentType?: string): AnswerFacts
  readonly stream?: StreamCodec<Event>
  /** Of streams that clients of the same protocol alone can have. */
  readonly passed?: PassedStream
  readonly media?: MediaCodec
  /**
   * Requests carry files: in a form, whose fields are the members of the request, all of them texts or lists of such; in one only if there
   * are files to carry; or one file as the whole body, with all else in the query.
   */
  readonly carries?: 'form' | 'form-with-files' | 'file'
  /** Nobody is served in it, so there is no reading its requests. */
  readonly unserved?: true
  /** The files that such a form may have. */
  readonly files?: FormFiles
  /** Of films: what to ask about a job that was taken on. */
  readonly videos?: VideoCalls
  /** Answers may be plain text, and a stream that was asked for may come as one document: clients know by what they asked. */
  readonly answersInText?: boolean
  /**
   * Whether a request holds what this gateway put into an earlier answer for its own use (reasoning of another provider), so that it
   * has to be decoded and encoded even for a provider that speaks the dialect. Cheap: a search of the bytes.
   */
  mustTranslate?(body: Body<Req>): boolean
  /** The answer, though of this protocol, is not in the spelling that the request asked for, and has to be decoded and encoded. */
  spelledOtherwise?(request: Body<Req>, answer: Body<Res>): boolean
  /** Edits (JSON text by top-level member) that make a streaming request ask for usage; none when it already does or always has it. */
  usageEdits?(body: Body<Req>): Readonly<Record<string, string>> | undefined
}

export type ChatDialect = Dialect<ChatRequest, ChatResponse, ChatEvent>

/**
 * A codec of embeddings. Its encoder refuses inputs that it cannot say (`not_expressible`), because a vector of something else, or of
 * a part, would be worse than none; all else that it cannot say is in `lost`.
 */
export type EmbedDialect = Dialect<EmbeddingRequest, EmbeddingResponse, never>

/** A codec of rankings. What it cannot say of a document it refuses, as codecs of embeddings do. */
export type RerankDialect = Dialect<RerankRequest, RerankResponse, never>

/** A codec of moderation. What it cannot say of an input it refuses, as codecs of embeddings do. */
export type ModerationDialect = Dialect<ModerationRequest, ModerationResponse, never>

/** A codec of searches. */
export type SearchDialect = Dialect<SearchRequest, SearchResponse, never>

/** A codec of requests to speak. The answers are media; a document in place of one is not of the protocol. */
export type SpeechDialect = Dialect<SpeechRequest, never, never>

/** A codec of requests to write down what is said in a recording, or to translate it. */
export type TranscriptionDialect = Dialect<TranscriptionRequest, TranscriptionResponse, never>

/** A codec of pictures: to be made, edited or varied. What it cannot say of a picture that goes in it refuses. */
export type ImageDialect = Dialect<ImageRequest, ImageResponse, never>

/** A codec of orders for films. The answer is a job, which is asked about by the dialect's `videos`. */
export type VideoDialect = Dialect<VideoRequest, VideoJob, never>
