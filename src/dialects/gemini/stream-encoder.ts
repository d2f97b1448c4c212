/**
 * Events to the chunks of a streamed answer. Each repeats the answer's id, model and usage as far as it is known; how each candidate
 * ended is told last, since the usage of other protocols comes after it and clients read the last chunk's.
 */
import type { StreamContext, StreamEncoder } from '../../kernel/dialect.ts'
import type {
  ChatEvent,
  ChoiceEnd,
  LogprobsDelta,
  PartDelta,
  PartEnd,
  PartStart,
  ResponseStart,
} from '../../model/chat-event.ts'
import type { Fault } from '../../model/fault.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import type { Loss } from '../../model/loss.ts'
import { joinPath, reportForeignExtra } from '../../model/loss.ts'
import type { PerDialect } from '../../model/node.ts'
import type { SafetyVerdict } from '../../model/safety.ts'
import type { Usage } from '../../model/usage.ts'
import { define } from '../../kernel/codec/member-reader.ts'
import { answerContext } from './candidates.ts'
import { GroundingWriter } from './citations.ts'
import { dialectId, isOwn } from './dialect-id.ts'
import { encodeFinish } from './finish.ts'
import { arrayFraming, eventFraming } from './framing.ts'
import type { Framing } from './framing.ts'
import { encodeLogprobs } from './logprobs.ts'
import { isSilent } from './response.ts'
import { encodeFeedback, encodeVerdict } from './safety.ts'
import { withTier } from './service-tier.ts'
import { openPart } from './stream-parts.ts'
import type { CandidateState, PartWriter } from './stream-parts.ts'
import { encodeUsage } from './usage.ts'

interface OpenPart {
  readonly writer: PartWriter
  readonly waiting: PartDelta[]
  begun: boolean
  ended: boolean
}

interface Candidate {
  /** Parts that have begun and are not written to their end, in their order; the first is being written. */
  readonly line: OpenPart[]
  readonly parts: Map<number, OpenPart>
  readonly state: CandidateState
  readonly grounding: GroundingWriter
  /** Parts met. */
  met: number
  verdict: SafetyVerdict | undefined
  end: ChoiceEnd | undefined
}

class GeminiStreamEncoder implements StreamEncoder<ChatEvent> {
  readonly lost: Loss[] = []
  readonly #context: StreamContext
  readonly #framing: Framing
  readonly #candidates = new Map<number, Candidate>()
  readonly #extra: JsonObject = {}
  #start: ResponseStart | undefined
  #usage: Usage | undefined
  #usageJson: JsonObject | undefined
  #tier: string | undefined
  #input: SafetyVerdict | undefined
  #feedback: JsonObject | undefined
  #closed = false

  constructor(context: StreamContext) {
    this.#context = context
    this.#framing = context.framing === 'json-array' ? arrayFraming() : eventFraming()
  }

  push(event: ChatEvent): string {
    if (this.#closed) return ''
    switch (event.type) {
      case 'response-start':
        this.#start = event
        this.#members(event.extra)
        this.#tierTold(event.serviceTier)
        return ''
      case 'response-update':
        this.#members(event.extra)
        this.#tierTold(event.serviceTier)
        return ''
      case 'part-start':
        return this.#partStart(event)
      case 'part-delta':
        return this.#partDelta(event)
      case 'part-end':
        return this.#partEnd(event)
      case 'logprobs-delta':
        return this.#logprobs(event)
      case 'choice-end':
        return this.#choiceEnd(event)
      case 'usage-update':
        this.#usage = event.usage
        this.#usageJson = undefined
        return ''
      case 'safety-update':
        this.#safety(event.verdict)
        return ''
      case 'response-end':
        return this.#close()
      case 'ping':
        return this.#framing.ping()
      case 'error':
        return this.fault(event.fault)
      case 'opaque-event':
        this.#collecting((lost) =>
          lost.push({
            path: `events.${event.event ?? 'message'}`,
            kind: 'dropped',
            reason: `${dialectId} has no counterpart of this event of ${event.origin}`,
          }),
        )
        return ''
    }
  }

  end(): string {
    const candidates = [...this.#candidates.values()]
    const whole = candidates.length > 0 && candidates.every(({ end }) => end !== undefined)
    const rest = !this.#closed && whole ? this.#close() : ''
    this.#closed = true
    return rest + this.#framing.end()
  }

  fault(fault: Fault): string {
    this.#closed = true
    return this.#framing.fault(fault)
  }

  /** Once for each path: a stream would repeat it with every event. */
  #collecting<T>(encode: (lost: Loss[]) => T): T {
    const lost: Loss[] = []
    const value = encode(lost)
    for (const loss of lost)
      if (!this.lost.some(({ path, reason }) => path === loss.path && reason === loss.reason)) this.lost.push(loss)
    return value
  }

  #members(extra: PerDialect | undefined): void {
    if (extra === undefined) return
    const members = extra[dialectId] ?? {}
    for (const key of Object.keys(members)) define(this.#extra, key, members[key] ?? null)
    this.#collecting((lost) => reportForeignExtra({ extra }, dialectId, '', lost))
  }

  #tierTold(tier: string | undefined): void {
    if (tier === undefined) return
    this.#tier = tier
    this.#usageJson = undefined
  }

  #candidate(index: number): Candidate {
    const known = this.#candidates.get(index)
    if (known !== undefined) return known
    const grounding = new GroundingWriter()
    const candidate: Candidate = {
      line: [],
      parts: new Map(),
      grounding,
      state: {
        context: answerContext(this.lost),
        waiting: undefined,
        // Which of the pieces it was sent in says nothing to anybody.
        cited: (text) => {
          for (const citation of text.citations ?? []) grounding.add(citation, text.text, 0)
        },
      },
      met: 0,
      verdict: undefined,
      end: undefined,
    }
    this.#candidates.set(index, candidate)
    return candidate
  }

  #partStart({ choice, part, value }: PartStart): string {
    const candidate = this.#candidate(choice)
    candidate.met++
    const path = joinPath(joinPath(joinPath('choices', choice), 'content'), part)
    const open: OpenPart = { writer: openPart(value, path, candidate.state), waiting: [], begun: false, ended: false }
    candidate.parts.set(part, open)
    candidate.line.push(open)
    return this.#advance(choice, candidate)
  }

  #partDelta(event: PartDelta): string {
    const candidate = this.#candidate(event.choice)
    const open = candidate.parts.get(event.part)
    if (open === undefined || open.ended) return ''
    if (open !== candidate.line[0]) {
      open.waiting.push(event)
      return ''
    }
    return this.#parts(event.choice, open.writer.add(event))
  }

  #partEnd({ choice, part }: PartEnd): string {
    const candidate = this.#candidate(choice)
    const open = candidate.parts.get(part)
    if (open === undefined) return ''
    open.ended = true
    candidate.parts.delete(part)
    return this.#advance(choice, candidate)
  }

  /** Writes what may be written by now: the first open part, and every part behind it whose turn has come. */
  #advance(index: number, candidate: Candidate): string {
    let out = ''
    for (let open = candidate.line[0]; open !== undefined; open = candidate.line[0]) {
      if (!open.begun) {
        open.begun = true
        out += this.#parts(index, open.writer.first())
        for (const delta of open.waiting.splice(0)) out += this.#parts(index, open.writer.add(delta))
      }
      if (!open.ended) break
      out += this.#parts(index, open.writer.end())
      candidate.line.shift()
    }
    return out
  }

  #parts(index: number, parts: readonly JsonObject[]): string {
    if (parts.length === 0) return ''
    return this.#chunk([{ content: { parts: [...parts], role: 'model' }, index }])
  }

  #logprobs({ choice, content, refusal }: LogprobsDelta): string {
    if (refusal !== undefined && refusal.length > 0)
      this.#collecting((lost) =>
        lost.push({
          path: `choices[${choice}].logprobs.refusal`,
          kind: 'dropped',
          reason: `${dialectId} tells no log probabilities of refusals`,
        }),
      )
    const result = content === undefined ? undefined : encodeLogprobs({ content })
    return result === undefined ? '' : this.#chunk([{ index: choice, logprobsResult: result }])
  }

  #choiceEnd(event: ChoiceEnd): string {
    const candidate = this.#candidate(event.choice)
    for (const open of candidate.line) open.ended = true
    candidate.parts.clear()
    const out = this.#advance(event.choice, candidate)
    candidate.end = event
    return out
  }

  #safety(verdict: SafetyVerdict): void {
    if (verdict.of === 'output') this.#candidate(verdict.choice ?? 0).verdict = verdict
    else {
      this.#input = verdict
      this.#feedback = this.#collecting((lost) => encodeFeedback(verdict, lost))
    }
  }

  #chunk(candidates: readonly JsonValue[]): string {
    return this.#framing.chunk({
      ...(candidates.length > 0 && { candidates: [...candidates] }),
      ...(this.#feedback !== undefined && { promptFeedback: this.#feedback }),
      ...this.#usageMember(),
      modelVersion: this.#context.model,
      responseId: this.#start?.id ?? '',
      ...this.#time(),
      ...this.#extra,
    })
  }

  #usageMember(): JsonObject {
    const usage = this.#usage
    if (usage === undefined) return {}
    this.#usageJson ??= this.#collecting((lost) => withTier(encodeUsage(usage, lost), this.#tier, lost))
    return { usageMetadata: this.#usageJson }
  }

  /** Only what Google told itself: the Gemini API has no such member, and Vertex AI has it. */
  #time(): JsonObject {
    const start = this.#start
    if (start?.created === undefined || !isOwn(start)) return {}
    return { createTime: new Date(start.created * 1000).toISOString() }
  }

  #close(): string {
    this.#closed = true
    const ended = [...this.#candidates].flatMap(([index, candidate]) => {
      const { end, met } = candidate
      if (end === undefined) return []
      // A prompt that was blocked has no candidates.
      if (met === 0 && isSilent([], end.finish, this.#input)) return []
      return [this.#lastOf(index, candidate, end)]
    })
    return this.#chunk(ended)
  }

  #lastOf(index: number, { verdict, grounding }: Candidate, end: ChoiceEnd): JsonObject {
    const path = joinPath('choices', index)
    return this.#collecting((lost) => {
      const { extra, finish } = end
      if (extra !== undefined) reportForeignExtra({ extra }, dialectId, path, lost)
      const ratings = verdict === undefined ? undefined : encodeVerdict(verdict, path, lost)
      const sources = grounding.finish()
      // SDKs keep a turn in their history only if each of its chunks has a part: Google's last one is an empty text.
      const content: JsonObject = { parts: [{ text: '' }], role: 'model' }
      const candidate: JsonObject = {
        content,
        ...encodeFinish(finish, path, lost),
        index,
        ...(ratings !== undefined && { safetyRatings: ratings }),
        ...(sources !== undefined && { groundingMetadata: sources }),
      }
      const members = extra?.[dialectId] ?? {}
      for (const key of Object.keys(members)) {
        const value = members[key]
        if (value === undefined) continue
        if (key.startsWith('content.')) define(content, key.slice('content.'.length), value)
        else define(candidate, key, value)
      }
      return candidate
    })
  }
}

export function createEncoder(context: StreamContext): StreamEncoder<ChatEvent> {
  return new GeminiStreamEncoder(context)
}
