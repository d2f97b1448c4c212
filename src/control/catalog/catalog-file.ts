/**
 * What the catalog's files in `catalog/` hold: one of models for each provider, a model a line, and one of the sources that they are
 * from. The schemas are for those who write and check the files; a running gateway takes them as they are.
 */
import { z } from 'zod'
import { parseUsd } from '../../model/money.ts'

const tokens = z.int().min(1).max(100_000_000)
const day = z.iso.date()
/** A day, a month or a year, as far as the source tells it. */
const roughDate = z.string().regex(/^(?:19|20)\d{2}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?$/)
const modality = z.enum(['text', 'image', 'audio', 'video', 'pdf'])
const modalities = z.array(modality).min(1)

export const tasks = [
  'chat',
  'completion',
  'embedding',
  'image',
  'moderation',
  'ocr',
  'realtime',
  'rerank',
  'speech',
  'transcription',
  'video',
] as const

/** Everything that can be told of a model. What no source tells is absent, and unknown. */
export const factsSchema = z.strictObject({
  /** For people. */
  name: z.string().min(1).optional(),
  /** What it is for. */
  task: z.enum(tasks).optional(),
  /** The most tokens of input and output together; where a source tells the most input alone, that. */
  context: tokens.optional(),
  /** The most tokens of input, where it is told apart from the context. */
  maxInput: tokens.optional(),
  maxOutput: tokens.optional(),
  inputs: modalities.optional(),
  outputs: modalities.optional(),
  tools: z.boolean().optional(),
  reasoning: z.boolean().optional(),
  /** Answers that fit a JSON Schema. */
  structured: z.boolean().optional(),
  /** The provider's prompt cache. */
  caching: z.boolean().optional(),
  /** What it knows about ends then. */
  knowledge: roughDate.optional(),
  released: roughDate.optional(),
  /** Absent of models in ordinary service. */
  status: z.enum(['alpha', 'beta', 'deprecated']).optional(),
  /** The day that its provider has named for its end. */
  retires: day.optional(),
  openWeights: z.boolean().optional(),
})

/** US dollars per million, as exact decimal text. */
const usd = z
  .string()
  .regex(/^(?:0|[1-9]\d*)(?:\.\d*[1-9])?$/)
  .refine((text) => parseUsd(text) <= parseUsd(20_000))

const rates = {
  input: usd.optional(),
  output: usd.optional(),
  cacheRead: usd.optional(),
  cacheWrite: usd.optional(),
  cacheWrite1h: usd.optional(),
  reasoning: usd.optional(),
  inputAudio: usd.optional(),
  outputAudio: usd.optional(),
}

export const rateNames = Object.keys(rates) as readonly (keyof typeof rates)[]

export const priceSchema = z.strictObject({
  ...rates,
  /** Requests of more than `above` tokens of input cost this instead; ascending. */
  tiers: z
    .array(z.strictObject({ above: tokens, ...rates }))
    .min(1)
    .optional(),
})

export const entrySchema = z.strictObject({
  /** As the provider spells it. */
  id: z.string().min(1).max(256),
  ...factsSchema.shape,
  price: priceSchema.extend({ source: z.string() }).optional(),
  /** The id of the source that its facts are from. */
  source: z.string(),
  /** The sources of those facts that are from another. */
  also: z.record(z.string(), z.array(factsSchema.keyof()).min(1)).optional(),
})

export const catalogFileSchema = z.strictObject({ provider: z.string(), models: z.array(entrySchema) })

export const sourceSchema = z.strictObject({
  id: z.string(),
  title: z.string(),
  url: z.url(),
  /** Of a package. */
  version: z.string().optional(),
  /** When the package was published, where that is told. */
  published: day.optional(),
  /** The day it was read. */
  read: day,
})

export const sourcesFileSchema = z.strictObject({ sources: z.array(sourceSchema) })

export type ModelFacts = z.infer<typeof factsSchema>
export type CatalogPrice = z.infer<typeof priceSchema>
export type CatalogEntry = z.infer<typeof entrySchema>
export type CatalogSource = z.infer<typeof sourceSchema>
