/** Every offer of every provider is found again by the path that it writes, and by nothing else. */
import { expect, it } from 'vitest'
import { dialects, providers } from '../../builtins.gen.ts'
import type { AnyDialect } from '../../kernel/deployment.ts'
import type { Offer } from '../../kernel/provider.ts'
import { OfferPaths } from './offer-paths.ts'
import { comparablePath } from './pass-path.ts'

const dialectOf = (id: string): AnyDialect => dialects.find((dialect) => dialect.id === id) as AnyDialect
/** One that the offer serves; some paths are for several kinds of models. */
const names = [
  'model-1.5:x',
  'anthropic.claude-opus-4-1-v1:0',
  'amazon.titan-embed-text-v2:0',
  'cohere.embed-english-v3',
  'cohere.rerank-v3-5:0',
  'imagen-4.0-generate-001',
]
const modelOf = (offer: Offer): string =>
  names.find((name) => offer.serves?.(name, undefined) !== false) ?? 'model-1.5:x'
/** Where one side is a file, or nobody is served in the protocol, there is nothing to meter. */
const isDocument = ({ operation, dialect }: Offer): boolean => {
  const { carries, media, unserved } = dialectOf(dialect)
  const ofFile = ['speech', 'transcribe', 'translate-audio', 'video'].includes(operation)
  return !ofFile && carries === undefined && media === undefined && unserved === undefined
}
const bare = (path: string): string => comparablePath(decodeURIComponent(path.split('?', 1)[0] ?? ''))

function pathOf(offer: Offer, model: string, stream: boolean): string | undefined {
  try {
    return bare(offer.path(model, stream))
  } catch {
    return undefined
  }
}

it.each(providers.map((provider) => [provider.id, provider.offers] as const))('of %s', (_id, offers) => {
  const paths = new OfferPaths(offers, dialectOf)
  for (const offer of offers.filter(isDocument)) {
    const model = modelOf(offer)
    for (const stream of [false, true]) {
      const path = pathOf(offer, model, stream)
      if (path === undefined) continue
      const found = paths.find(path)
      // One path may be for several operations: a body is metered as what it is for in the first place.
      if (offers.find((other) => pathOf(other, model, stream) === path) !== offer) continue
      expect([path, found?.operation]).toEqual([path, offer.operation])
      if (found?.address.model !== undefined) expect(found.address.model).toBe(model)
      if (found?.address.stream !== undefined) expect(found.address.stream).toBe(stream)
      expect(paths.find(path.toUpperCase().replaceAll(model.toUpperCase(), model))?.operation).toBe(offer.operation)
    }
  }
  for (const path of ['/', '/files', '/fine_tuning/jobs', '/v1/batches'])
    expect([path, paths.find(path)]).toEqual([path, undefined])
})
