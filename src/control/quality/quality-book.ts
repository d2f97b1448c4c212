/**
 * How good a deployment is for a kind of work, 0 to 100: what the configuration or published benchmarks say of its model, less what its own
 * answers have shown: failures, refusals, answers that did not fit, answers that had to be asked for again. A sink, so it learns from
 * every record.
 */
import type { Clock } from '../../kernel/clock.ts'
import type { Sink } from '../../kernel/sink.ts'
import { countsAgainst } from '../../kernel/signals.ts'
import type { ExchangeRecord } from '../../model/record.ts'
import type { TaskClass } from '../../model/task-class.ts'
import { DecayedRatio } from '../signals/decayed-ratio.ts'
import type { QualityScores } from './scores.ts'

/** The configuration's own word for a deployment: one mark, or one for each kind of work. */
export type Marks = number | Partial<Readonly<Record<TaskClass, number>>>

/** Milliseconds after which an answer counts half: quality changes more slowly than speed. */
const halfLife = 3_600_000
/** A share is taken to be nothing until there is some evidence: as if there had been so many good answers. */
const benefitOfDoubt = 20
/** Deployments that are remembered; clients choose the names of models. */
const mostDeployments = 5000

const shortcomings = ['failed', 'refused', 'unfit', 'repeated'] as const
type Shortcoming = (typeof shortcomings)[number]
/** How much of the mark is lost where it happens always. */
const losses: Readonly<Record<Shortcoming, number>> = { failed: 1, refused: 1, unfit: 1, repeated: 0.5 }

export class QualityBook implements Sink {
  readonly id = 'quality'
  readonly #clock: Clock
  readonly #scores: QualityScores
  readonly #marks: () => ReadonlyMap<string, Marks>
  readonly #seen = new Map<string, Record<Shortcoming, DecayedRatio>>()

  constructor(clock: Clock, scores: QualityScores, marks: () => ReadonlyMap<string, Marks>) {
    this.#clock = clock
    this.#scores = scores
    this.#marks = marks
  }

  /** Undefined where neither the configuration nor any benchmark says anything of the model. */
  qualityOf(deployment: string, model: string, task: TaskClass): number | undefined {
    const prior = markFor(this.#marks().get(deployment), task) ?? this.#scores.priorOf(model, task)
    return prior === undefined ? undefined : prior * this.#reliability(deployment)
  }

  write({ operation, attempts, deployment, finish, fault }: ExchangeRecord): void {
    if (operation !== 'chat') return
    const asked = new Map<string, number>()
    for (const attempt of attempts) {
      if (attempt.advice === true) continue
      asked.set(attempt.deployment, (asked.get(attempt.deployment) ?? 0) + 1)
      if (attempt.fault === undefined || countsAgainst(attempt.fault))
        this.#ratios(attempt.deployment).failed.add(attempt.fault !== undefined, this.#clock.monotonic())
    }
    if (deployment === undefined || (fault !== undefined && fault !== 'invalid_structured_output')) return
    const now = this.#clock.monotonic()
    const ratios = this.#ratios(deployment)
    ratios.refused.add(finish === 'refusal' || finish === 'content-filter', now)
    ratios.unfit.add(fault === 'invalid_structured_output', now)
    ratios.repeated.add((asked.get(deployment) ?? 0) > 1, now)
  }

  /** 1 for one that has never done wrong. */
  #reliability(deployment: string): number {
    const ratios = this.#seen.get(deployment)
    if (ratios === undefined) return 1
    const now = this.#clock.monotonic()
    let reliability = 1
    for (const each of shortcomings) {
      const weight = ratios[each].weight(now)
      reliability *= 1 - (losses[each] * ((ratios[each].value ?? 0) * weight)) / (weight + benefitOfDoubt)
    }
    return reliability
  }

  #ratios(deployment: string): Record<Shortcoming, DecayedRatio> {
    let ratios = this.#seen.get(deployment)
    if (ratios === undefined) {
      if (this.#seen.size >= mostDeployments) this.#seen.clear()
      const now = this.#clock.monotonic()
      const fresh = (): DecayedRatio => new DecayedRatio(halfLife, now)
      ratios = { failed: fresh(), refused: fresh(), unfit: fresh(), repeated: fresh() }
      this.#seen.set(deployment, ratios)
    }
    return ratios
  }
}

function markFor(marks: Marks | undefined, task: TaskClass): number | undefined {
  return typeof marks === 'number' ? marks : marks?.[task]
}
