/**
 * What published benchmarks say of models, from `catalog/quality/scores.json`: every figure with its source. Brought to one scale and
 * weighed for each kind of work, they are what is assumed of a model before its answers are known. The file is read when somebody asks.
 */
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import type { TaskClass } from '../../model/task-class.ts'
import { formOf } from '../../pipeline/names/model-form.ts'

/** The worst and the best that is told apart on each scale, between 0 and 100. */
const ranges = {
  mmlu: [50, 95],
  gpqa: [25, 90],
  math: [30, 100],
  humaneval: [60, 100],
  mgsm: [50, 95],
  drop: [50, 92],
  'swe-bench': [0, 75],
  'aider-polyglot': [0, 85],
  arena: [1250, 1450],
  'arena-coding': [1250, 1500],
  'arena-writing': [1250, 1480],
} as const satisfies Readonly<Record<string, readonly [number, number]>>

export type Benchmark = keyof typeof ranges
export const benchmarks = Object.keys(ranges) as readonly Benchmark[]

/** How much each tells of each kind of work. */
const weights: Readonly<Record<TaskClass, Partial<Record<Benchmark, number>>>> = {
  code: { 'swe-bench': 3, 'aider-polyglot': 2, 'arena-coding': 2, humaneval: 1 },
  reasoning: { gpqa: 2, math: 2, arena: 1, mmlu: 1 },
  writing: { 'arena-writing': 3, arena: 2 },
  summarisation: { arena: 2, drop: 1, mmlu: 1 },
  translation: { arena: 2, mgsm: 1, mmlu: 1 },
  tools: { 'swe-bench': 3, 'arena-coding': 1, 'aider-polyglot': 1 },
  chat: { arena: 3, mmlu: 1 },
}

/** One figure says little: as if there were another of this weight, by which the model is in the lower middle. */
const doubt = { weight: 1, value: 40 }

const day = z.iso.date()
export const scoresFileSchema = z.strictObject({
  sources: z.array(z.strictObject({ id: z.string(), title: z.string(), url: z.url(), read: day })),
  models: z.array(
    z.strictObject({
      model: z.string().min(1),
      scores: z
        .array(
          z.strictObject({
            benchmark: z.enum(benchmarks),
            value: z.number(),
            source: z.string(),
            /** When it was measured, where the source tells. */
            date: day.optional(),
            /** What the source measured, where that is one way of using the model. */
            as: z.string().optional(),
          }),
        )
        .min(1),
    }),
  ),
})

export type ScoresFile = z.infer<typeof scoresFileSchema>

export interface QualityScores {
  /** 0 to 100; undefined of a model that no figure is known of. */
  priorOf(model: string, task: TaskClass): number | undefined
}

/** Beside the sources and beside the bundle alike, seen from this file or from the chunk that it became part of. */
const shipped = new URL(
  import.meta.url.endsWith('.ts') ? '../../../catalog/quality/scores.json' : '../catalog/quality/scores.json',
  import.meta.url,
)

export function openQualityScores(read: () => string = () => readFileSync(shipped, 'utf8')): QualityScores {
  let byStem: ReadonlyMap<string, ReadonlyMap<Benchmark, number>> | undefined
  return {
    priorOf(model, task) {
      byStem ??= indexed(JSON.parse(read()) as ScoresFile)
      const scores = byStem.get(formOf(model.replace(/:[^/:]*$/, '')).stem)
      return scores === undefined ? undefined : weighed(scores, task)
    },
  }
}

function indexed({ models }: ScoresFile): Map<string, Map<Benchmark, number>> {
  return new Map(
    models.map(({ model, scores }) => [
      formOf(model).stem,
      new Map(scores.map(({ benchmark, value }) => [benchmark, normalised(benchmark, value)])),
    ]),
  )
}

export function normalised(benchmark: Benchmark, value: number): number {
  const [worst, best] = ranges[benchmark]
  return Math.min(100, Math.max(0, ((value - worst) / (best - worst)) * 100))
}

function weighed(scores: ReadonlyMap<Benchmark, number>, task: TaskClass): number | undefined {
  let sum = doubt.value * doubt.weight
  let total = doubt.weight
  for (const [benchmark, weight] of Object.entries(weights[task]) as [Benchmark, number][]) {
    const score = scores.get(benchmark)
    if (score === undefined) continue
    sum += score * weight
    total += weight
  }
  return total === doubt.weight ? undefined : sum / total
}
