/** Facts written down by hand from public documentation, each page with its address and the day it was read. */
import { z } from 'zod'
import { factsSchema, priceSchema, sourceSchema } from '../../src/control/catalog/catalog-file.ts'
import type { CatalogSource } from '../../src/control/catalog/catalog-file.ts'
import type { Testimony } from './merge.ts'
import type { Statement } from './statement.ts'

const overlaySchema = z.strictObject({
  pages: z.array(
    z.strictObject({
      ...sourceSchema.pick({ id: true, title: true, url: true, read: true }).shape,
      models: z
        .array(
          z.strictObject({
            provider: z.string(),
            id: z.string(),
            facts: factsSchema.default({}),
            price: priceSchema.optional(),
          }),
        )
        .min(1),
    }),
  ),
})

export type Overlay = z.infer<typeof overlaySchema>

export function readOverlay(text: string): Overlay {
  return overlaySchema.parse(JSON.parse(text))
}

/** The first page that tells a fact is believed. */
export function overlayTestimonies({ pages }: Overlay): {
  readonly sources: CatalogSource[]
  readonly testimonies: Testimony[]
} {
  return {
    sources: pages.map(({ id, title, url, read }) => ({ id, title, url, read })),
    testimonies: pages.map(({ id, models }) => ({
      source: id,
      statements: models.map(({ provider, id: model, facts, price }): Statement => ({
        provider,
        id: model,
        facts,
        ...(price !== undefined && { price }),
      })),
    })),
  }
}
