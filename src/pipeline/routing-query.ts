/** What strategies may ask of a request. Each answer is found when it is first asked for: most requests are routed without any. */
import type { Deployment } from '../kernel/deployment.ts'
import type { Exchange } from '../kernel/exchange.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Advice, ContentFeatures, StrategyKey, StrategyQuery } from '../kernel/strategy.ts'
import { costOf } from '../model/cost.ts'
import type { ChatRequest } from '../model/chat.ts'
import { Fault } from '../model/fault.ts'
import { isJsonObject } from '../model/json.ts'
import type { JsonValue } from '../model/json.ts'
import type { NanoUsd } from '../model/money.ts'
import type { Part } from '../model/part.ts'
import type { Coordinates } from '../model/place.ts'
import type { ExchangeRecord } from '../model/record.ts'
import { AskAdvice } from './advice/ask-advice.ts'
import { inputEstimateOf } from './input-estimate.ts'
import { matchesAny } from './name-pattern.ts'
import { priceOf } from './price-of.ts'
import { admits } from './within-residency.ts'

/** Tokens that an answer probably has where nothing tells. */
const usualOutput = 400
/** Characters of the beginning of a conversation that requests are kept together by. */
const prefixLength = 2048
/** Where clients say what their request is about, as a JSON object. */
const metadataHeader = 'x-sluicegate-metadata'
const regionHeader = 'x-sluicegate-region'
/** Whatever else a client sends may be a secret of its own, too; of these it is known. */
const secretHeader = /^(?:authorization|proxy-authorization|cookie|(?:.*-)?(?:api-key|token|secret|password))$/

export class RoutingQuery implements StrategyQuery {
  readonly #exchange: Exchange
  /** Undefined where the route is only explained. */
  readonly #clock: Clock | undefined
  #advice: Advice | undefined
  #metadata: Readonly<Record<string, string>> | undefined
  #features: ContentFeatures | undefined
  #request: { readonly value: ChatRequest | undefined } | undefined
  #text: string | undefined

  constructor(exchange: Exchange, clock?: Clock) {
    this.#exchange = exchange
    this.#clock = clock
  }

  went(ways: ReadonlyMap<Deployment, string>): void {
    this.#exchange.went(ways)
  }

  get operation(): StrategyQuery['operation'] {
    return this.#exchange.surface.operation
  }

  get surface(): string {
    return this.#exchange.surface.id
  }

  get model(): string {
    return this.#exchange.head.model
  }

  get stream(): boolean {
    return this.#exchange.head.stream
  }

  get key(): StrategyKey | undefined {
    const { key } = this.#exchange
    return key === undefined ? undefined : { id: key.id, name: key.name, metadata: key.policy.metadata ?? {} }
  }

  get endUser(): string | undefined {
    return this.#exchange.head.endUser
  }

  get maxOutput(): number | undefined {
    return this.#exchange.head.maxOutputTokens
  }

  get inputTokens(): number {
    return inputEstimateOf(this.#exchange)
  }

  get region(): string | undefined {
    return this.header(regionHeader)
  }

  get metadata(): Readonly<Record<string, string>> {
    this.#metadata ??= { ...textsOf(this.#member('metadata')), ...textsOf(parsed(this.header(metadataHeader))) }
    return this.#metadata
  }

  get features(): ContentFeatures {
    this.#features ??= featuresOf(this.#chat())
    return this.#features
  }

  get text(): string {
    this.#text ??= this.#findText()
    return this.#text
  }

  get prefix(): string {
    const messages = this.#chat()?.messages ?? []
    let prefix = ''
    for (const { role, parts } of messages) {
      if (prefix.length >= prefixLength) break
      prefix += `${role}:${textOf(parts)}\n`
      // What comes behind the first question is different each time.
      if (role === 'user') break
    }
    return prefix.slice(0, prefixLength)
  }

  get body(): Readonly<Record<string, JsonValue>> | undefined {
    const json = attempt(() => this.#exchange.body.json())
    return isJsonObject(json) ? (json as Record<string, JsonValue>) : undefined
  }

  header(name: string): string | undefined {
    return this.#exchange.header(name)
  }

  get headers(): Readonly<Record<string, string>> {
    return Object.fromEntries(
      Object.keys(this.#exchange.headers).flatMap((name): [string, string][] => {
        const value = secretHeader.test(name) ? undefined : this.#exchange.header(name)
        return value === undefined ? [] : [[name, value]]
      }),
    )
  }

  admits(deployment: Deployment): boolean {
    return admits(this.#exchange, deployment)
  }

  get coordinates(): Coordinates | undefined {
    const { region } = this
    const told = region === undefined ? undefined : this.#exchange.plan.placeOf(region).at
    return told ?? this.#exchange.locate?.()
  }

  mayUse(name: string): boolean {
    const { key } = this.#exchange
    return key === undefined || matchesAny(key.policy.models, name)
  }

  whenSettled(callback: (record: ExchangeRecord) => void): void {
    if (this.#clock !== undefined) this.#exchange.settlements.push(callback)
  }

  get advice(): Advice | undefined {
    if (this.#clock !== undefined) this.#advice ??= new AskAdvice(this.#exchange, this.#clock)
    return this.#advice
  }

  expectedCost(deployment: Deployment): NanoUsd | undefined {
    const price = priceOf(this.#exchange, deployment)
    if (price === undefined) return undefined
    const { head } = this.#exchange
    const output = this.operation === 'chat' ? Math.min(head.maxOutputTokens ?? usualOutput, usualOutput) : 0
    const { total, missing } = costOf(
      {
        input: { total: this.inputTokens },
        output: { total: output },
        ...(head.units !== undefined && { units: head.units }),
      },
      price,
    )
    return missing === undefined ? total : undefined
  }

  #member(name: string): unknown {
    return attempt(() => this.#exchange.body.member(name))
  }

  /** What else is asked is routed by what everything has. */
  #chat(): ChatRequest | undefined {
    this.#request ??= {
      value: this.operation === 'chat' ? attempt(() => this.#exchange.body.read() as ChatRequest) : undefined,
    }
    return this.#request.value
  }

  #findText(): string {
    const chat = this.#chat()
    if (chat !== undefined) return textOf(chat.messages.findLast(({ role }) => role === 'user')?.parts ?? [])
    const input = this.#member('input') ?? this.#member('query') ?? this.#member('prompt')
    if (typeof input === 'string') return input
    return Array.isArray(input) ? input.filter((each) => typeof each === 'string').join('\n') : ''
  }
}

/** What is wrong with a body is told by who has to send it on. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof Fault) return undefined
    throw error
  }
}

function parsed(header: string | undefined): unknown {
  if (header === undefined) return undefined
  try {
    return JSON.parse(header)
  } catch {
    return undefined
  }
}

function textsOf(value: unknown): Record<string, string> {
  if (!isJsonObject(value)) return {}
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, each]): [string, string][] =>
      typeof each === 'string' || typeof each === 'number' || typeof each === 'boolean' ? [[name, String(each)]] : [],
    ),
  )
}

const textOf = (parts: readonly Part[]): string =>
  parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n')

function featuresOf(request: ChatRequest | undefined): ContentFeatures {
  const types = new Set(request?.messages.flatMap(({ parts }) => parts.map(({ type }) => type)))
  return {
    tools: (request?.tools?.length ?? 0) > 0,
    images: types.has('image'),
    audio: types.has('audio'),
    files: types.has('file'),
    structured_output: request?.format !== undefined && request.format.type !== 'text',
    reasoning:
      request?.reasoning !== undefined && request.reasoning.mode !== 'disabled' && request.reasoning.effort !== 'none',
    messages: request?.messages.length ?? 0,
  }
}
