/**
 * A past request as strategies ask of it. A record has no words of the request: what a strategy wanted to know beyond the record is
 * noted, because then nobody can say what it would have decided.
 */
import type { Deployment } from '../../../kernel/deployment.ts'
import type { ContentFeatures, StrategyKey, StrategyQuery } from '../../../kernel/strategy.ts'
import { costOf } from '../../../model/cost.ts'
import type { Key } from '../../../model/key.ts'
import type { NanoUsd } from '../../../model/money.ts'
import type { ExchangeOperation } from '../../../model/operation.ts'
import { keeps } from '../../../model/place.ts'
import { freeOfCharge } from '../../../model/price.ts'
import type { ExchangeRecord } from '../../../model/record.ts'
import { matchesAny } from '../../../pipeline/name-pattern.ts'

const nothingKnown: ContentFeatures = {
  tools: false,
  images: false,
  audio: false,
  files: false,
  structured_output: false,
  reasoning: false,
  messages: 0,
}

export class RecordQuery implements StrategyQuery {
  /** What was asked for and is not on record: `its text`, `its headers`. */
  readonly missing = new Set<string>()
  readonly whenSettled = (): void => undefined
  readonly advice = undefined
  readonly operation: ExchangeOperation
  readonly #record: ExchangeRecord
  readonly #key: Key | undefined

  constructor(record: ExchangeRecord, key: Key | undefined) {
    this.#record = record
    this.#key = key
    this.operation = record.operation
  }

  get surface(): string {
    return this.#record.surface
  }

  get model(): string {
    return this.#record.modelAsked ?? ''
  }

  get stream(): boolean {
    return this.#record.stream
  }

  get key(): StrategyKey | undefined {
    const { keyId, keyName } = this.#record
    if (keyId === undefined) return undefined
    return { id: keyId, name: keyName ?? '', metadata: this.#key?.policy.metadata ?? {} }
  }

  get endUser(): string | undefined {
    return this.#record.endUser
  }

  get maxOutput(): undefined {
    return this.#lacks('how many tokens its answer might have', undefined)
  }

  get inputTokens(): number {
    return this.#record.usage?.input.total ?? this.#lacks('how many tokens it had', 0)
  }

  get headers(): Readonly<Record<string, string>> {
    return this.#lacks('its headers', {})
  }

  header(): undefined {
    return this.#lacks('its headers', undefined)
  }

  get metadata(): Readonly<Record<string, string>> {
    return this.#lacks('its metadata', {})
  }

  get features(): ContentFeatures {
    return this.#lacks('what was in it', nothingKnown)
  }

  get text(): string {
    return this.#lacks('its text', '')
  }

  get prefix(): string {
    return this.#lacks('its text', '')
  }

  get body(): undefined {
    return this.#lacks('its body', undefined)
  }

  get region(): undefined {
    return this.#lacks('the region of its client', undefined)
  }

  admits({ place }: Deployment): boolean {
    const own = this.#key?.policy.residency
    return own === undefined || keeps([own], place)
  }

  get coordinates(): undefined {
    return this.#lacks('where its client was', undefined)
  }

  mayUse(name: string): boolean {
    return this.#key === undefined || matchesAny(this.#key.policy.models, name)
  }

  /** What the answer that was given would have cost at this deployment; undefined where that is not known. */
  expectedCost(deployment: Deployment): NanoUsd | undefined {
    const { usage, at } = this.#record
    const free = deployment.endpoints.get(this.operation)?.every((endpoint) => endpoint.free === true) === true
    const price = free ? freeOfCharge(deployment.provider) : deployment.priceAt(at)
    if (usage === undefined || price === undefined) return undefined
    const { total, missing } = costOf(usage, price)
    return missing === undefined ? total : undefined
  }

  #lacks<T>(what: string, value: T): T {
    this.missing.add(what)
    return value
  }
}
