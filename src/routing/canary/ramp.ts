/** What share of the requests a canary has, by the time since it began. */
import { StrategyProblem } from '../../kernel/strategy.ts'

export interface Step {
  /** Percent. */
  readonly share: number
  /** Milliseconds; undefined for ever. */
  readonly for?: number | undefined
}

export interface RampOptions {
  readonly steps?: readonly Step[] | undefined
  readonly from: number
  readonly to: number
  readonly over?: number | undefined
}

/** `segment` counts stretches of about the same share; `done` when all is over and the canary may take all. */
export interface Stage {
  /** 0 to 1. */
  readonly share: number
  readonly segment: number
  readonly done: boolean
}

export type Ramp = (elapsedMs: number) => Stage

/** Pieces of a steady rise. */
const pieces = 10

export function rampOf({ steps, from, to, over }: RampOptions): Ramp {
  if (steps !== undefined && over !== undefined) throw new StrategyProblem('has `over` besides `steps`', ['over'])
  if (steps !== undefined) return inSteps(steps)
  if (over === undefined) throw new StrategyProblem('needs `steps`, or `over` for a steady rise', ['strategy'])
  return (elapsed) => {
    const way = Math.min(1, Math.max(0, elapsed / over))
    const share = (from + (to - from) * way) / 100
    return { share, segment: Math.min(pieces, Math.floor(way * pieces)), done: way === 1 && to === 100 }
  }
}

function inSteps(steps: readonly Step[]): Ramp {
  steps.forEach((step, index) => {
    if (step.for === undefined && index < steps.length - 1)
      throw new StrategyProblem('lasts for ever, so the steps behind it never come: give it `for`', ['steps', index])
  })
  return (elapsed) => {
    let end = 0
    for (const [segment, step] of steps.entries()) {
      end += step.for ?? Infinity
      if (elapsed < end) return { share: step.share / 100, segment, done: false }
    }
    return { share: (steps.at(-1)?.share ?? 0) / 100, segment: steps.length - 1, done: true }
  }
}
