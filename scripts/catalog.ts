/**
 * Makes the catalog in `catalog/` from pinned packages of public registries and from `scripts/catalog/overlay.json`, always the same
 * from the same. `docs/models.md` tells how to correct and to refresh it.
 */
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findProvider } from '@pydantic/genai-prices'
import { providers } from '../src/builtins.gen.ts'
import type { CatalogSource } from '../src/control/catalog/catalog-file.ts'
import { fromGenaiPrices } from './catalog/from-genai-prices.ts'
import { fromLitellm } from './catalog/from-litellm.ts'
import { fromModelsDev, modelsDevIn } from './catalog/from-models-dev.ts'
import { overlayTestimonies, readOverlay } from './catalog/from-overlay.ts'
import { fromPiAi, piAiFiles } from './catalog/from-pi-ai.ts'
import { fileText, mergeStatements } from './catalog/merge.ts'
import type { Testimony } from './catalog/merge.ts'
import { archiveOf, readFromArchive } from './catalog/packages.ts'
import type { DataPackage } from './catalog/packages.ts'

/** The day on which the versions below were chosen and read. */
const read = '2026-11-27'

const packages = {
  'models.dev': {
    registry: 'npm',
    name: 'opencode-linux-x64',
    version: '1.18.34',
    sha256: 'b83e8ac66d752d05',
    published: '2026-09-30',
    title: 'models.dev, as opencode carries it (MIT)',
    url: 'https://models.dev',
  },
  'pi-ai': {
    registry: 'npm',
    name: '@earendil-works/pi-ai',
    version: '1.6.0',
    sha256: 'd68312ec574bc959',
    published: '2026-11-20',
    title: 'Model lists of pi-ai (MIT)',
    url: 'https://github.com/earendil-works/pi',
  },
  litellm: {
    registry: 'pypi',
    name: 'litellm',
    version: '1.110.2',
    sha256: '9d94d1c7d524b6fd',
    published: undefined,
    title: "LiteLLM's table of models (MIT)",
    url: 'https://github.com/BerriAI/litellm',
  },
} as const satisfies Readonly<
  Record<string, DataPackage & { title: string; url: string; published: string | undefined }>
>

const genaiPrices = {
  id: 'genai-prices',
  title: 'genai-prices (MIT)',
  url: 'https://github.com/pydantic/genai-prices',
}

const root = fileURLToPath(new URL('..', import.meta.url))
const cache = join(root, 'node_modules/.cache/catalog')
const target = join(root, 'catalog')
const litellmTable = 'litellm/model_prices_and_context_window_backup.json'

const parse = (archive: string, file: string): unknown => JSON.parse(readFromArchive(archive, file).toString('utf8'))

const overlay = readOverlay(readFileSync(join(root, 'scripts/catalog/overlay.json'), 'utf8'))
const corrections = overlayTestimonies(overlay)
const piAi = archiveOf(packages['pi-ai'], cache)
const testimonies: Testimony[] = [
  ...corrections.testimonies,
  {
    source: 'models.dev',
    statements: fromModelsDev(modelsDevIn(readFromArchive(archiveOf(packages['models.dev'], cache), 'bin/opencode'))),
  },
  {
    source: 'pi-ai',
    statements: Object.entries(piAiFiles).flatMap(([file, driver]) =>
      fromPiAi(driver, parse(piAi, `dist/providers/data/${file}.json`)),
    ),
  },
  {
    source: 'litellm',
    statements: fromLitellm(parse(archiveOf(packages.litellm, cache), litellmTable) as Record<string, unknown>),
  },
  {
    source: 'genai-prices',
    completes: true,
    statements: providers.flatMap(({ id, prices }) =>
      prices === undefined ? [] : fromGenaiPrices(id, findProvider({ providerId: prices })?.models ?? []),
    ),
  },
]

/** Whom to believe: pages of providers, read by hand; then the list that tells most, of each provider's own models; then the others. */
const catalog = mergeStatements(testimonies, {
  facts: [...corrections.sources.map(({ id }) => id), 'models.dev', 'pi-ai', 'litellm', 'genai-prices'],
  // Prices change more often than facts, so the newest comes first.
  prices: [...corrections.sources.map(({ id }) => id), 'pi-ai', 'litellm', 'models.dev'],
  // LiteLLM's names are what is sent to the services.
  spelling: [...corrections.sources.map(({ id }) => id), 'litellm', 'pi-ai', 'models.dev'],
})

const version = (
  JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { dependencies: Record<string, string> }
).dependencies['@pydantic/genai-prices']
const sources: CatalogSource[] = [
  ...Object.entries(packages).map(([id, { title, url, name, version, published }]) => ({
    id,
    title,
    url,
    version: `${name} ${version}`,
    ...(published !== undefined && { published }),
    read,
  })),
  { ...genaiPrices, ...(version !== undefined && { version: `@pydantic/genai-prices ${version}` }), read },
  ...corrections.sources,
]

mkdirSync(target, { recursive: true })
for (const file of readdirSync(target)) rmSync(join(target, file))
for (const [provider, entries] of catalog) writeFileSync(join(target, `${provider}.json`), fileText(provider, entries))
writeFileSync(
  join(target, 'sources.json'),
  `{\n"sources": [\n${sources.map((source) => JSON.stringify(source)).join(',\n')}\n]\n}\n`,
)
