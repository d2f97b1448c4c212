/** The generator finds drivers by what they export, tells what it cannot use, and its check notices a file that is not current. */
import { mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { findStale, generate } from '../../scripts/generate.ts'
import { scanBuiltins } from '../../scripts/generate/builtins.ts'
import { examples, overview } from '../../scripts/generate/config-examples.ts'
import { parseConfig } from '../../src/config/load.ts'
import { thorough } from '../../src/kernel/testing/depth.ts'
import { temporaryTree } from './temporary-tree.ts'

const repository = fileURLToPath(new URL('../..', import.meta.url))

const provider = (name: string, id: string): string =>
  `export const ${name} = { id: '${id}', offers: [], config: {}, sign: () => undefined }\nexport const limit = 5\n`

describe('list of built-ins', () => {
  it('names every driver of a file or of a folder, in the order of their ids', async () => {
    const root = temporaryTree({
      'src/providers/zebra.ts': provider('zebra', 'a-zebra'),
      'src/providers/zebra.test.ts': 'throw new Error()\n',
      'src/providers/ape/index.ts': `${provider('ape', 'b-ape')}export const second = { ...ape, id: 'c-ape' }\n`,
      'src/providers/ape/sign.ts': 'throw new Error()\n',
    })
    const { source } = await scanBuiltins(root)
    expect(source.split('\n').slice(1)).toEqual([
      "import { ape, second } from './providers/ape/index.ts'",
      "import { zebra } from './providers/zebra.ts'",
      '',
      'export const dialects = []',
      '',
      'export const providers = [zebra, ape, second]',
      '',
      'export const strategies = []',
      '',
    ])
  })

  it('refuses a file without a driver, and an id that is used twice', async () => {
    const empty = temporaryTree({ 'src/routing/notes.ts': 'export const id = 1\n' })
    await expect(scanBuiltins(empty)).rejects.toThrow(
      'src/routing/notes.ts: exports no object with id, compile, targetOptions',
    )
    const twice = temporaryTree({
      'src/providers/a.ts': provider('a', 'same'),
      'src/providers/b.ts': provider('b', 'same'),
    })
    await expect(scanBuiltins(twice)).rejects.toThrow('src/providers: two drivers have the id same')
  })
})

describe('a new provider', () => {
  it.runIf(thorough)('is one file: the generator does the rest', async () => {
    const root = temporaryTree({
      'src/providers/brand-new.ts': [
        `import { openaiProvider } from '${new URL('../../src/kernel/openai-provider.ts', import.meta.url).href}'`,
        'export const brandNew = openaiProvider({',
        "  id: 'brand-new',",
        "  title: 'Brand New',",
        "  env: ['BRAND_NEW_API_KEY'],",
        "  address: 'https://api.brand-new.example',",
        "  speaks: { 'openai-chat': { verified: true } },",
        "  docs: [{ title: 'Chat', url: 'https://docs.brand-new.example/chat', read: '2026-11-27' }],",
        '})',
        '',
      ].join('\n'),
    })
    // Everything else is the repository's own.
    const borrow = (folder: string): void => {
      mkdirSync(join(root, folder), { recursive: true })
      for (const name of readdirSync(join(repository, folder))) {
        const path = join(folder, name)
        if (path === 'src') borrow(path)
        else if (path !== join('src', 'providers')) symlinkSync(join(repository, path), join(root, path))
      }
    }
    borrow('src')
    for (const name of readdirSync(join(repository, 'src/providers')))
      symlinkSync(join(repository, 'src/providers', name), join(root, 'src/providers', name))

    const after = await generate(root)
    const changed = findStale(repository, after).map(({ file }) => file)
    expect(changed.toSorted()).toEqual([
      'config.schema.json',
      'docs/configuration.md',
      'docs/providers.md',
      'src/builtins.gen.ts',
    ])
    expect(after.get('src/builtins.gen.ts')).toContain("import { brandNew } from './providers/brand-new.ts'")
    expect(after.get('docs/configuration.md')).toContain('| `BRAND_NEW_API_KEY` |')
    expect(after.get('docs/providers.md')).toContain(
      '| `brand-new` | Brand New | `openai-chat` ✓ | `authorization: Bearer …` | `BRAND_NEW_API_KEY` |',
    )
  })
})

describe('generated files', () => {
  // As `npm run check` says too; generating everything a second time is not for the inner loop.
  it.runIf(thorough)(
    'are current',
    async () => {
      expect(findStale(repository, await generate(repository))).toEqual([])
    },
    30_000,
  )

  it('are noticed when they are missing or not current', () => {
    const root = temporaryTree({ 'docs/a.md': 'one\ntwo\n' })
    const files = new Map([
      ['docs/a.md', 'one\n2\n'],
      ['docs/b.md', ''],
    ])
    expect(findStale(root, files).map(({ file, line }) => `${file}:${line}`)).toEqual(['docs/a.md:2', 'docs/b.md:1'])
    expect(findStale(root, new Map([['docs/a.md', 'one\ntwo\n']]))).toEqual([])
  })
})

describe('JSON Schema of the configuration', () => {
  const schema = JSON.parse(readFileSync(join(repository, 'config.schema.json'), 'utf8')) as object
  const validate = new Ajv2020({ strict: false, allErrors: true }).compile(schema)

  it('accepts every example that the gateway itself accepts', async () => {
    const registry = await scanBuiltins(repository)
    const env = {
      ...Object.fromEntries(
        ['KEY_A', 'KEY_B', 'CI_KEY', 'SEARCH_KEY', 'PORT'].map((name, index) => [name, String(7000 + index)]),
      ),
      ...Object.fromEntries(registry.providers.flatMap((driver) => driver.env).map((name) => [name, 'k'])),
    }
    for (const example of [overview, ...Object.values(examples)]) {
      expect(() => parseConfig(example, { file: 'example', baseDir: '.', cwd: '.', env, registry })).not.toThrow()
      validate(parse(example))
      expect(validate.errors).toBeNull()
    }
  })

  it.each([
    'server: { prt: 1 }',
    'servers: {}',
    'server: { port: 70000 }',
    'models: { a: { deployments: [] } }',
    'logging: { level: loud }',
    'providers: { openai: { usee: x } }',
  ])('refuses %s', (text) => {
    expect(validate(parse(text))).toBe(false)
  })
})
