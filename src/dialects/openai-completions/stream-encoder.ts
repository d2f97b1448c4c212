/** Encodes events as chunks of text completions. The prompt comes before the first text of a choice where the client asked for it. */
import { formatSseComment, formatSseEvent } from '../../bytes/sse-writer.ts'
import { define } from '../../kernel/codec/member-reader.ts'
import { isSpoken, reportCitations, saidBy } from '../../kernel/codec/one-text/said.ts'
import { openaiErrorBody } from '../../kernel/codec/openai-errors.ts'
import { PartTurns } from '../../kernel/codec/part-turns.ts'
import type { PartEvent } from '../../kernel/codec/part-turns.ts'
import { ReportedOnce } from '../../kernel/codec/reported-once.ts'
import type { StreamContext, StreamEncoder } from '../../kernel/dialect.ts'
import type { ChatEvent, ChoiceEnd, LogprobsDelta, PartStart, ResponseStart } from '../../model/chat-event.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { drop, joinPath, reportForeignExtra } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'
import type { PerDialect } from '../../model/node.ts'
import type { Part } from '../../model/part.ts'
import type { Usage } from '../../model/usage.ts'
import { dialectId, finishCodec, isOwn, usageCodec } from './dialect-id.ts'
import { encodeLogprobs } from './logprobs.ts'
import { echoOf } from './prompt.ts'
import { reportEchoedLogprobs, reportRefusalLogprobs, tierTold } from './said.ts'

interface OpenChoice {
  readonly turns: PartTurns
  readonly spoken: Set<number>
  /** Where the next token begins that log probabilities tell of. */
  offset: number
}

/** All that can be said goes into one text. */
const placeOf = ({ type }: Part): string | undefined => (isSpoken(type) ? 'text' : undefined)

export class CompletionStreamEncoder implements StreamEncoder<ChatEvent> {
  readonly #losses = new ReportedOnce()
  readonly #context: StreamContext
  readonly #choices = new Map<number, OpenChoice>()
  #head: JsonObject = {}
  #echo = ''
  /** The answer itself is of this dialect. */
  #own = false
  #usage: Usage | undefined
  #open = 0
  #closed = false
  /** Members of the answer that no chunk has told yet. */
  #untold = false

  constructor(context: StreamContext) {
    this.#context = context
  }

  get lost(): readonly Loss[] {
    return this.#losses.all
  }

  push(event: ChatEvent): string {
    if (this.#closed) return ''
    switch (event.type) {
      case 'response-start':
        return this.#start(event)
      case 'response-update':
        this.#members(event.extra)
        this.#tier(event.serviceTier)
        return ''
      case 'part-start':
      case 'part-delta':
      case 'part-end':
        return this.#partEvent(event)
      case 'logprobs-delta':
        return this.#logprobs(event)
      case 'choice-end':
        return this.#choiceEnd(event)
      case 'usage-update':
        this.#usage = event.usage
        return ''
      case 'response-end':
        return this.#close()
      case 'safety-update':
        return ''
      case 'ping':
        return formatSseComment('ping')
      case 'error':
        this.#closed = true
        return formatSseEvent({ data: JSON.stringify(openaiErrorBody(event.fault)) })
      case 'opaque-event':
        this.#losses.of((lost) =>
          drop(lost, '', `${dialectId} has no counterpart of ${event.origin}'s event ${event.event ?? ''}`),
        )
        return ''
    }
  }

  end(): string {
    return !this.#closed && this.#open === 0 && this.#choices.size > 0 ? this.#close() : ''
  }

  #start(event: ResponseStart): string {
    this.#head = {
      id: event.id,
      object: 'text_completion',
      created: event.created ?? 0,
      model: this.#context.model,
    }
    this.#own = isOwn(event)
    this.#members(event.extra)
    this.#tier(event.serviceTier)
    // A service of this protocol repeats the prompt itself.
    if (!this.#own) this.#echo = echoOf(this.#context.request)
    return ''
  }

  #members(extra: PerDialect | undefined): void {
    if (extra === undefined) return
    this.#losses.of((lost) => reportForeignExtra({ extra }, dialectId, '', lost))
    const members = extra[dialectId] ?? {}
    for (const key of Object.keys(members)) {
      const value = members[key]
      if (value !== undefined) define(this.#head, key, value)
      this.#untold = true
    }
  }

  #tier(tier: string | undefined): void {
    const told = this.#losses.of((lost) => tierTold(tier, this.#own, lost))
    if (told === undefined) return
    this.#head['service_tier'] = told
    this.#untold = true
  }

  #chunk(choices: JsonValue[], usage: JsonValue | undefined = this.#context.streamUsage ? null : undefined): string {
    this.#untold = false
    return formatSseEvent({ data: JSON.stringify({ ...this.#head, choices, ...(usage !== undefined && { usage }) }) })
  }

  #say(index: number, text: string): string {
    return text === '' ? '' : this.#chunk([{ text, index, logprobs: null, finish_reason: null }])
  }

  /** The choice and what has to be written before all else of it. */
  #choice(index: number): { readonly choice: OpenChoice; readonly opening: string } {
    const known = this.#choices.get(index)
    if (known !== undefined) return { choice: known, opening: '' }
    const choice: OpenChoice = { turns: new PartTurns(placeOf), spoken: new Set(), offset: this.#echo.length }
    this.#choices.set(index, choice)
    this.#open++
    return { choice, opening: this.#say(index, this.#echo) }
  }

  #partEvent(event: PartEvent): string {
    const { choice, opening } = this.#choice(event.choice)
    const due = choice.turns.push(event)
    return opening + due.map((one) => this.#partNow(one, choice)).join('')
  }

  #partNow(event: PartEvent, choice: OpenChoice): string {
    if (event.type === 'part-start') return this.#partStart(event, choice)
    if (event.type === 'part-end' || !choice.spoken.has(event.part)) return ''
    const { citation, text = '' } = event
    if (citation !== undefined)
      this.#losses.of((lost) => reportCitations(pathOf(event.choice, event.part), dialectId, lost))
    return this.#say(event.choice, text)
  }

  #partStart({ choice: index, part, value }: PartStart, choice: OpenChoice): string {
    if (isSpoken(value.type)) choice.spoken.add(part)
    return this.#say(
      index,
      this.#losses.of((lost) => saidBy(value, pathOf(index, part), dialectId, lost)),
    )
  }

  #logprobs({ choice: index, content, refusal }: LogprobsDelta): string {
    const { choice, opening } = this.#choice(index)
    const path = joinPath('choices', index)
    if (refusal !== undefined) this.#losses.of((lost) => reportRefusalLogprobs(path, lost))
    if (content === undefined) return opening
    if (this.#echo !== '') this.#losses.of((lost) => reportEchoedLogprobs(path, lost))
    const logprobs = encodeLogprobs(content, choice.offset)
    choice.offset += content.reduce((sum, { token }) => sum + token.length, 0)
    return opening + this.#chunk([{ text: '', index, logprobs, finish_reason: null }])
  }

  #choiceEnd({ choice: index, finish, extra }: ChoiceEnd): string {
    const { opening } = this.#choice(index)
    this.#open--
    const path = joinPath('choices', index)
    const word = this.#losses.of((lost) => {
      if (extra !== undefined) reportForeignExtra({ extra }, dialectId, path, lost)
      return finishCodec.encode(finish, path, lost)
    })
    const choice: JsonObject = { text: '', index, logprobs: null, finish_reason: word }
    const members = extra?.[dialectId] ?? {}
    for (const key of Object.keys(members)) {
      const value = members[key]
      if (value !== undefined) define(choice, key, value)
    }
    return opening + this.#chunk([choice])
  }

  #close(): string {
    this.#closed = true
    const told = this.#context.streamUsage ? this.#usage : undefined
    const usage = told === undefined ? undefined : this.#losses.of((lost) => usageCodec.encode(told, lost))
    const last = usage !== undefined || this.#untold ? this.#chunk([], usage) : ''
    return `${last}data: [DONE]\n\n`
  }
}

const pathOf = (choice: number, part: number): string =>
  joinPath(joinPath(joinPath('choices', choice), 'content'), part)
