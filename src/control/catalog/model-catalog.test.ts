/** The catalog reads what it is asked about and nothing else, and knows a model by the names that services and clients give it. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CatalogEntry } from './catalog-file.ts'
import { openModelCatalog } from './model-catalog.ts'

const models = (...ids: string[]): { models: CatalogEntry[] } => ({
  models: ids.sort().map((id) => ({ id, name: id, source: 's' })),
})

const files: Record<string, object> = {
  'alpha.json': models(
    'gpt-5',
    'gpt-5-2025-08-07',
    'only-dated-20250101',
    'only-dated-20250601',
    'Big-Model',
    'o1:preview',
  ),
  'beta.json': models('anthropic.claude-x-20250929-v1:0', 'meta-llama/Llama-4', 'us.special'),
  'gamma.json': models('claude-y@20250929', 'anthropic/claude-z@default'),
  'sources.json': { sources: [{ id: 's', title: 'S', url: 'https://example.com', read: '2026-11-27' }] },
}

function opened() {
  const reads: string[] = []
  const catalog = openModelCatalog({
    list: () => Object.keys(files),
    read(file) {
      reads.push(file)
      return JSON.stringify(files[file])
    },
  })
  const facts = (provider: string, name: string) => catalog.factsOf(provider, name)?.id
  const entry = (provider: string, name: string) => catalog.entryOf(provider, name)?.id
  return { catalog, reads, facts, entry }
}

describe('the model catalog', () => {
  it('reads nothing before it is asked, and each file once', () => {
    const { catalog, reads } = opened()
    expect(catalog.providers()).toEqual(['alpha', 'beta', 'gamma'])
    expect(catalog.factsOf('nobody', 'gpt-5')).toBeUndefined()
    expect(catalog.modelsOf('nobody')).toEqual([])
    expect(catalog.factsOf('../sources', 'gpt-5')).toBeUndefined()
    expect(reads).toEqual([])
    expect(catalog.modelsOf('beta')).toHaveLength(3)
    catalog.factsOf('beta', 'us.special')
    catalog.entryOf('beta', 'nothing')
    expect(reads).toEqual(['beta.json'])
    expect(catalog.all()).toHaveLength(11)
    expect(reads).toEqual(['beta.json', 'alpha.json', 'gamma.json'])
    expect(catalog.source('s')?.title).toBe('S')
    expect(catalog.source('t')).toBeUndefined()
    expect(reads).toHaveLength(4)
  })

  it('knows a name in any case, with an address before it, and with its date spelled otherwise', () => {
    const { entry } = opened()
    expect(entry('alpha', ' GPT-5 ')).toBe('gpt-5')
    expect(entry('alpha', 'big-model')).toBe('Big-Model')
    expect(entry('alpha', 'models/gpt-5')).toBe('gpt-5')
    expect(entry('alpha', 'gpt-5-20250807')).toBe('gpt-5-2025-08-07')
    expect(entry('alpha', 'only-dated-2025-06-01')).toBe('only-dated-20250601')
    expect(entry('gamma', 'claude-y-20250929')).toBe('claude-y@20250929')
    expect(entry('gamma', 'publishers/anthropic/models/claude-y@20250929')).toBe('claude-y@20250929')
    expect(entry('beta', 'meta-llama/llama-4')).toBe('meta-llama/Llama-4')
  })

  it('takes facts, but no prices, from another date, region or variant of a model', () => {
    const { facts, entry } = opened()
    for (const [provider, asked, found] of [
      ['alpha', 'gpt-5-2026-01-01', 'gpt-5-2025-08-07'],
      ['alpha', 'only-dated', 'only-dated-20250601'],
      ['alpha', 'big-model:nitro', 'Big-Model'],
      ['beta', 'eu.anthropic.claude-x-20250929-v1:0', 'anthropic.claude-x-20250929-v1:0'],
      ['beta', 'global.anthropic.claude-x-v1:0', 'anthropic.claude-x-20250929-v1:0'],
      ['gamma', 'anthropic/claude-z', 'anthropic/claude-z@default'],
    ] as const) {
      expect([asked, facts(provider, asked)]).toEqual([asked, found])
      expect([asked, entry(provider, asked)]).toEqual([asked, undefined])
    }
    expect(facts('alpha', 'gpt-5')).toBe('gpt-5')
    expect(facts('alpha', 'o1:preview')).toBe('o1:preview')
  })

  it('never takes one model for another', () => {
    const { facts } = opened()
    const others = ['gpt-5-mini', 'gpt', 'gpt-50', 'big', 'llama-4', 'claude-y-20250929x', '', 'x'.repeat(1000)]
    expect(others.filter((other) => facts('alpha', other) !== undefined)).toEqual([])
    fc.assert(
      fc.property(fc.string(), (name) => {
        const found = facts('alpha', name)
        if (found !== undefined)
          expect(name.trim().toLowerCase()).toContain(found.toLowerCase().replace(/[-@:](20[\d-]+|preview)$/, ''))
      }),
    )
  })
})
