/** The engine: a request of either protocol in, a reply with its bytes and times out. It does no I/O and waits for nothing. */
import type { Clock, Random } from '../../kernel/clock.ts'
import { isJsonObject } from '../../model/json.ts'
import { drawAnswer } from './answer.ts'
import { readAnthropicTurn } from './anthropic-turn.ts'
import { anthropicWire, signatureOf } from './anthropic-wire.ts'
import { CallCounter } from './call-counter.ts'
import { CompiledRequests } from './compiled-requests.ts'
import { answerEmbeddings } from './embeddings.ts'
import { bytesOf, distort, distorts, endedBy, htmlPage, isPage, paced, partsOf } from './faults.ts'
import type { Piece } from './faults.ts'
import { SimFiles } from './files.ts'
import { SimFineTuning } from './fine-tuning.ts'
import { readForm } from './form.ts'
import { modelList, modelOf } from './model-list.ts'
import { answerImages, askedInForm, askedInJson } from './images.ts'
import type { ImageTask } from './images.ts'
import { chooseModel } from './models.ts'
import type { ChosenModel } from './models.ts'
import { answerModeration } from './moderations.ts'
import { readOpenaiTurn } from './openai-turn.ts'
import { openaiWire } from './openai-wire.ts'
import { hasFault, headerParameters } from './parameters.ts'
import type { Parameters } from './parameters.ts'
import { answerRerank, cohereWire } from './rerank.ts'
import { badRequest, SimProblem } from './problem.ts'
import { longPrefixes, markedPrefixes, PromptCache, promptTokens } from './prompt-cache.ts'
import type { Prefix } from './prompt-cache.ts'
import type { SimAnswer, SimChunk, SimReply } from './reply.ts'
import type { SimRequest } from './request.ts'
import { drawId } from './seeded.ts'
import { answerSpeech } from './speech.ts'
import type { SimSpeech } from './speech.ts'
import { answerTranscription } from './transcription.ts'
import type { Turn } from './turn.ts'
import { answerVideo, orderVideo, videoOf } from './videos.ts'
import { mostKept } from './wire.ts'
import type { Wire, WireCall, WireEvent } from './wire.ts'

export interface SimPorts {
  readonly clock: Clock
  readonly random: Random
}

export interface Simulator {
  /** Never throws: what is wrong with a request is in the reply. */
  simulate(request: SimRequest): SimReply
}

type Operation =
  | 'openai-chat'
  | 'openai-embeddings'
  | 'openai-moderations'
  | 'openai-speech'
  | 'openai-transcriptions'
  | 'openai-translations'
  | 'openai-images'
  | 'openai-image-edits'
  | 'openai-image-variations'
  | 'openai-videos'
  | 'cohere-rerank'
  | 'anthropic-messages'
  | 'anthropic-count-tokens'

/** All about a request that does not change when it is made again. */
interface Compiled {
  readonly model: ChosenModel
  readonly faulty: boolean
  readonly promptTokens: number
  readonly prefixes: readonly Prefix[]
  readonly outputTokens: number
  /** The answer is worked out again rather than kept. */
  readonly large?: boolean
  readonly body: ((call: WireCall) => string) | undefined
  readonly events: ((call: WireCall) => Iterable<WireEvent>) | undefined
  /** Of an answer that is no JSON. */
  readonly contentType?: string
  /** The answer comes at once, however long what it tells of takes. */
  readonly prompt?: true
  /** The answer is sound. */
  readonly speech?: SimSpeech
}

const operations: Readonly<Record<string, Operation>> = {
  '/chat/completions': 'openai-chat',
  '/embeddings': 'openai-embeddings',
  '/moderations': 'openai-moderations',
  '/audio/speech': 'openai-speech',
  '/audio/transcriptions': 'openai-transcriptions',
  '/audio/translations': 'openai-translations',
  '/images/generations': 'openai-images',
  '/images/edits': 'openai-image-edits',
  '/images/variations': 'openai-image-variations',
  '/videos': 'openai-videos',
  '/rerank': 'cohere-rerank',
  '/messages': 'anthropic-messages',
  '/messages/count_tokens': 'anthropic-count-tokens',
}

const wires: Readonly<Record<Operation, Wire>> = {
  'openai-chat': openaiWire,
  'openai-embeddings': openaiWire,
  'openai-moderations': openaiWire,
  'openai-speech': openaiWire,
  'openai-transcriptions': openaiWire,
  'openai-translations': openaiWire,
  'openai-images': openaiWire,
  'openai-image-edits': openaiWire,
  'openai-image-variations': openaiWire,
  'openai-videos': openaiWire,
  'cohere-rerank': cohereWire,
  'anthropic-messages': anthropicWire,
  'anthropic-count-tokens': anthropicWire,
}

const json = 'application/json'
const eventStream = 'text/event-stream; charset=utf-8'

const imageTasks: Readonly<Partial<Record<Operation, ImageTask>>> = {
  'openai-images': 'generate',
  'openai-image-edits': 'edit',
  'openai-image-variations': 'vary',
}

function compile(operation: Operation, request: SimRequest, extra: string): Compiled {
  const imageTask = imageTasks[operation]
  if (imageTask !== undefined) return compileImages(imageTask, request, extra)
  if (operation === 'openai-transcriptions' || operation === 'openai-translations')
    return compileTranscription(operation, request, extra)
  if (operation === 'openai-videos') return compileVideo(request, extra)
  const parsed = parse(request.body)
  const asked = parsed['model']
  if (typeof asked !== 'string' || asked === '')
    throw badRequest('model', 'model must be a string: the name of a model.')
  const model = chooseModel(asked, extra)
  if (operation === 'openai-embeddings') {
    const { promptTokens: embedded, inputs, body } = answerEmbeddings(parsed, asked, model)
    const faulty = hasFault(model.parameters)
    return {
      model,
      faulty,
      promptTokens: embedded,
      prefixes: [],
      outputTokens: 0,
      large: inputs > 1,
      body,
      events: undefined,
    }
  }
  if (operation === 'openai-moderations') {
    const { promptTokens: judged, body } = answerModeration(parsed, asked, model)
    const faulty = hasFault(model.parameters)
    return { model, faulty, promptTokens: judged, prefixes: [], outputTokens: 0, body, events: undefined }
  }
  if (operation === 'cohere-rerank') {
    const { promptTokens: ranked, documents, body } = answerRerank(parsed, model)
    const faulty = hasFault(model.parameters)
    return {
      model,
      faulty,
      promptTokens: ranked,
      prefixes: [],
      outputTokens: 0,
      large: documents > 20,
      body,
      events: undefined,
    }
  }
  if (operation === 'openai-speech') {
    const speech = answerSpeech(parsed, model)
    return {
      model,
      faulty: hasFault(model.parameters),
      promptTokens: speech.promptTokens,
      prefixes: [],
      outputTokens: speech.outputTokens,
      body: undefined,
      events: speech.events,
      speech,
    }
  }
  const counting = operation === 'anthropic-count-tokens'
  const turn = operation === 'openai-chat' ? readOpenaiTurn(parsed) : readAnthropicTurn(parsed, counting)
  if (model.parameters.check_signatures === true) checkSignatures(turn)
  const prompt = promptTokens(turn.prompt)
  const shared = { model, faulty: hasFault(model.parameters), promptTokens: prompt }
  if (counting) {
    const body = JSON.stringify({ input_tokens: prompt })
    return { ...shared, prefixes: [], outputTokens: 0, body: () => body, events: undefined }
  }
  const wire = wires[operation]
  const answer = drawAnswer(turn, model)
  return {
    ...shared,
    prefixes: operation === 'openai-chat' ? longPrefixes(turn.prompt) : markedPrefixes(turn.prompt),
    outputTokens: answer.outputTokens,
    body: turn.stream ? undefined : wire.body(asked, turn, answer),
    events: turn.stream ? wire.events(asked, turn, answer, model.parameters.chunk ?? 1) : undefined,
  }
}

function compileTranscription(operation: Operation, request: SimRequest, extra: string): Compiled {
  const form = readForm(request.headers['content-type'], request.body)
  const asked = form.fields.get('model')
  if (asked === undefined || asked === '') throw badRequest('model', 'model must be a string: the name of a model.')
  const model = chooseModel(asked, extra)
  const task = operation === 'openai-translations' ? 'translate' : 'transcribe'
  const { outputTokens, contentType, body, events } = answerTranscription(form, model, task)
  return {
    model,
    faulty: hasFault(model.parameters),
    promptTokens: 0,
    prefixes: [],
    outputTokens,
    contentType,
    // Each comes with a boundary of its own.
    large: true,
    body: events === undefined ? () => body : undefined,
    events,
  }
}

function compileImages(task: ImageTask, request: SimRequest, extra: string): Compiled {
  const type = request.headers['content-type']
  const isForm = task !== 'generate' && /^multipart\//i.test((Array.isArray(type) ? type[0] : type) ?? '')
  const asked = isForm ? askedInForm(readForm(type, request.body)) : askedInJson(parse(request.body))
  const name = asked.get('model')
  if (typeof name !== 'string' || name === '') throw badRequest('model', 'model must be a string: the name of a model.')
  const model = chooseModel(name, extra)
  // Pictures are drawn again rather than kept.
  return { ...answerImages(asked, task, model), model, faulty: hasFault(model.parameters), prefixes: [], large: true }
}

/** An order, as a form or not. When it was given is told by the call. */
function compileVideo(request: SimRequest, extra: string): Compiled {
  const type = request.headers['content-type']
  const isForm = /^multipart\//i.test((Array.isArray(type) ? type[0] : type) ?? '')
  const asked = isForm ? readForm(type, request.body).fields : new Map(Object.entries(parse(request.body)))
  const name = asked.get('model')
  if (typeof name !== 'string' || name === '') throw badRequest('model', 'model must be a string: the name of a model.')
  const model = chooseModel(name, extra)
  return {
    model,
    faulty: hasFault(model.parameters),
    promptTokens: 0,
    prefixes: [],
    outputTokens: 0,
    // Each is a job of its own.
    large: true,
    prompt: true,
    body: ({ at }) => orderVideo(asked, name, at),
    events: undefined,
  }
}

/** What is asked about a film by its id; undefined for any other path. */
function aboutVideo({ method, path, body }: SimRequest, now: number): ReturnType<typeof answerVideo> | undefined {
  const [, id, rest = ''] = /^(?:\/v1)?\/videos\/([^/?]+)(\/[^?]*)?/.exec(path) ?? []
  if (id === undefined) return undefined
  const of = decodeURIComponent(id)
  if (method !== 'POST') return answerVideo(method, of, rest, now)
  if (rest !== '/remix') return undefined
  const from = videoOf(of)
  const order = orderVideo(new Map(Object.entries(parse(body))), from.model, now, from)
  return { contentType: json, body: order }
}

function parse(bytes: Uint8Array): Record<string, never> {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw new SimProblem(400, 'The body of the request is not valid JSON.')
  }
  if (!isJsonObject(value)) throw new SimProblem(400, 'The body of the request must be a JSON object.')
  return value as Record<string, never>
}

function checkSignatures(turn: Turn): void {
  for (const { text, signature } of turn.thinking) {
    if (signature !== signatureOf(text))
      throw badRequest('messages', 'messages: Invalid `signature` in `thinking` block')
  }
}

/** Made while it is played: a long text is megabytes of sound. */
function* soundOf(speech: SimSpeech): Generator<SimChunk> {
  for (const bytes of speech.sound()) yield { afterMs: 0, bytes }
}

/** Milliseconds until an answer that is not streamed is complete. */
function wholeDelay({ ttft = 0, tps }: Parameters, outputTokens: number): number {
  return ttft + (tps === undefined ? 0 : (Math.max(0, outputTokens - 1) * 1000) / tps)
}

export function createSimulator({ clock, random }: SimPorts): Simulator {
  const compiled = new CompiledRequests<Compiled>()
  const cache = new PromptCache(clock)
  const counter = new CallCounter()

  const whole = (
    status: number,
    type: string,
    body: string | Uint8Array,
    more: Record<string, string> = {},
  ): SimAnswer => {
    const bytes = bytesOf(body)
    return {
      kind: 'answer',
      status,
      headers: { 'content-type': type, 'content-length': String(bytes.length), ...more },
      latencyMs: 0,
      chunks: bytes.length === 0 ? [] : [{ afterMs: 0, bytes }],
      ending: () => 'end',
      gzip: 'none',
    }
  }

  const problemReply = (problem: SimProblem, wire: Wire, more: Record<string, string> = {}): SimAnswer => {
    const id = drawId(random, 24)
    return whole(problem.status, json, wire.error(problem, id), { [wire.idHeader]: `req_${id}`, ...more })
  }

  const compiledOf = (operation: Operation, request: SimRequest, extra: string): Compiled => {
    const key = compiled.key(`${operation} ${extra}`, request.body)
    const known = key === undefined ? undefined : compiled.get(key)
    if (known !== undefined) return known
    const made = compile(operation, request, extra)
    // A long answer is worked out again rather than kept.
    if (key !== undefined && made.outputTokens <= mostKept && made.large !== true) compiled.set(key, made)
    return made
  }

  /** Whether the faults of this call happen; asked once for every call, since it counts. */
  const strikes = ({ name, parameters: { times, rate } }: ChosenModel, extra: string): boolean => {
    if (times !== undefined && counter.next(`${name} ${extra}`) >= times) return false
    return rate === undefined || random() < rate
  }

  /** The pieces of an answer with the errors that the parameters put in its place or in its middle. */
  const piecesOf = (
    one: Compiled,
    parameters: Parameters,
    call: WireCall,
    wire: Wire,
  ): { pieces: Iterable<Piece>; status: number } => {
    const { status, error_event: errorAt, after } = parameters
    const struck = { status: status ?? 500, message: 'The simulator was asked to fail.', type: parameters.error }
    if (one.events !== undefined) {
      const at = errorAt ?? (status !== undefined && after !== undefined && after > 0 ? after : undefined)
      if (at === undefined && status !== undefined)
        return { pieces: [{ afterMs: 0, text: wire.error(struck, call.id) }], status }
      const pieces = paced(one.events(call), parameters)
      if (at === undefined) return { pieces, status: 200 }
      return { pieces: endedBy(pieces, at, { afterMs: 0, text: wire.errorEvent(struck, call.id) }), status: 200 }
    }
    if (status !== undefined || errorAt !== undefined) {
      return { pieces: partsOf(wire.error(struck, call.id)), status: errorAt === undefined ? struck.status : 200 }
    }
    const sound = one.speech && Buffer.concat([...one.speech.sound()])
    return { pieces: partsOf(sound ?? one.body?.(call) ?? ''), status: 200 }
  }

  const faulty = (one: Compiled, parameters: Parameters, call: WireCall, wire: Wire): SimReply => {
    const { latency = 0, reset, empty, content_type: type } = parameters
    const errs = parameters.status !== undefined || parameters.error_event !== undefined
    const delay = latency + (one.events !== undefined || errs ? 0 : wholeDelay(parameters, one.outputTokens))
    if (reset === true) return { kind: 'reset', latencyMs: delay }
    const headers: Record<string, string> = { [wire.idHeader]: `req_${call.id}` }
    if (parameters.retry_after !== undefined) headers['retry-after'] = String(parameters.retry_after)
    const answer = piecesOf(one, parameters, call, wire)
    const streamed = one.events !== undefined && answer.status === 200
    const usual = streamed
      ? eventStream
      : answer.status === 200
        ? (one.speech?.contentType ?? one.contentType ?? json)
        : json
    if (empty === true) return { ...whole(200, type ?? usual, '', headers), latencyMs: delay }
    const pieces = isPage(type) ? [htmlPage] : answer.pieces
    if (!streamed && !distorts(parameters)) {
      const body = Buffer.concat([...pieces].map(({ text }) => bytesOf(text)))
      return { ...whole(answer.status, type ?? usual, body, headers), latencyMs: delay }
    }
    return {
      kind: 'answer',
      status: answer.status,
      headers: { 'content-type': type ?? usual, ...headers },
      latencyMs: delay,
      ...distort(pieces, parameters, streamed),
    }
  }

  const answer = (operation: Operation, request: SimRequest): SimReply => {
    const wire = wires[operation]
    const extra = headerParameters(request.headers)
    const one = compiledOf(operation, request, extra)
    const { parameters } = one.model
    const used = cache.use(one.prefixes)
    const call: WireCall = {
      id: drawId(random, 24),
      created: Math.floor(clock.now() / 1000),
      at: clock.now(),
      usage: {
        promptTokens: one.promptTokens,
        cache:
          parameters.cached === undefined
            ? used
            : { read: Math.min(parameters.cached, one.promptTokens), written5m: 0, written1h: 0 },
      },
    }
    if (one.faulty && strikes(one.model, extra)) return faulty(one, parameters, call, wire)
    const id = { [wire.idHeader]: `req_${call.id}` }
    if (one.body !== undefined) {
      const reply = whole(200, one.contentType ?? json, one.body(call), id)
      const latencyMs = one.prompt === true ? 0 : wholeDelay(parameters, one.outputTokens)
      return latencyMs === 0 ? reply : { ...reply, latencyMs }
    }
    if (one.speech !== undefined && one.events === undefined) {
      return {
        kind: 'answer',
        status: 200,
        headers: { 'content-type': one.speech.contentType, ...id },
        latencyMs: wholeDelay(parameters, one.outputTokens),
        chunks: soundOf(one.speech),
        ending: () => 'end',
        gzip: 'none',
      }
    }
    return {
      kind: 'answer',
      status: 200,
      headers: { 'content-type': eventStream, 'cache-control': 'no-cache', ...id },
      latencyMs: 0,
      ...distort(paced(one.events?.(call) ?? [], parameters), {}, true),
    }
  }

  const files = new SimFiles()
  const tuning = new SimFineTuning(files)

  const route = (request: SimRequest): SimReply => {
    const [full = ''] = request.path.split('?', 1)
    const path = full.startsWith('/v1/') ? full.slice(3) : full
    const anthropic = request.headers['anthropic-version'] !== undefined || path.startsWith('/messages')
    const operation = Object.hasOwn(operations, path) ? operations[path] : undefined
    const wire = anthropic ? anthropicWire : operation === undefined ? openaiWire : wires[operation]
    const wanted = operation === undefined ? 'GET' : 'POST'
    try {
      const kept = files.answer(path, request, clock.now()) ?? tuning.answer(path, request, clock.now())
      if (kept !== undefined) return whole(200, kept.contentType, kept.body)
      const film = aboutVideo(request, clock.now())
      if (film !== undefined) return whole(200, film.contentType, film.body)
      const listed =
        path === '/models'
          ? modelList(anthropic)
          : path.startsWith('/models/')
            ? modelOf(path.slice(8), anthropic)
            : undefined
      if (operation === undefined && listed === undefined) {
        throw new SimProblem(
          404,
          `The simulator serves nothing at ${full}. It serves ${[...Object.keys(operations), '/models'].join(', ')}.`,
        )
      }
      if (request.method !== wanted) throw new SimProblem(405, `${full} takes ${wanted} requests.`)
      return operation === undefined ? whole(200, json, listed ?? '') : answer(operation, request)
    } catch (error) {
      if (error instanceof SimProblem) return problemReply(error, wire, error.status === 405 ? { allow: wanted } : {})
      if (error instanceof RangeError)
        return problemReply(new SimProblem(400, 'The request is nested too deeply.'), wire)
      throw error
    }
  }

  return { simulate: route }
}
