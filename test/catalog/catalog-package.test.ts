/** The catalog is found beside the sources and beside the bundle, wherever the package lies, and is part of the package. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { build } from '../../scripts/build.ts'
import { temporaryTree } from '../checks/temporary-tree.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const copied = (...paths: string[]): Record<string, string> =>
  Object.fromEntries(paths.map((path) => [path, readFileSync(join(root, path), 'utf8')]))

describe('the packaged catalog', () => {
  it('is in the package', () => {
    const { files } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { files: string[] }
    expect(files).toContain('catalog')
  })

  it('is found by the sources and by the bundle, from a chunk of it too', async () => {
    const tree = temporaryTree({
      ...copied(
        'bin/sluicegate.js',
        'catalog/groq.json',
        'catalog/sources.json',
        'src/control/catalog/model-catalog.ts',
        'src/control/catalog/model-names.ts',
      ),
      'package.json': '{ "type": "module" }',
      'src/cli/main.ts': `const { openModelCatalog } = await import('../control/catalog/model-catalog.ts')
const catalog = openModelCatalog()
console.log(catalog.providers().join(), catalog.factsOf('groq', 'Llama-3.3-70B-versatile')?.id, catalog.source('litellm')?.read)
`,
    })
    const run = () => {
      const env = { ...process.env, NODE_DISABLE_COMPILE_CACHE: '1' }
      return spawnSync(process.execPath, [join(tree, 'bin/sluicegate.js')], { cwd: '/', encoding: 'utf8', env })
    }
    const fromSources = run()
    expect(fromSources).toMatchObject({
      stderr: '',
      stdout: expect.stringMatching(/^groq llama-3.3-70b-versatile 20\d\d-/),
    })
    await build(tree)
    expect(run()).toMatchObject({ stderr: '', stdout: fromSources.stdout })
  })
})
