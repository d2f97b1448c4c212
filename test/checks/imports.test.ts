/** The check of the import rules must find what it is there to find, and must not be fooled by what only looks like an import. */
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { checkImports } from '../../scripts/check-imports.ts'
import { findCircles } from '../../scripts/checks/circles.ts'
import { temporaryTree } from './temporary-tree.ts'

const manifest = JSON.stringify({ dependencies: { zod: '4' }, devDependencies: { vitest: '5' } })
const header = '/** What this file is and why it is there. */\n'

function found(files: Readonly<Record<string, string>>): string[] {
  const root = temporaryTree({
    'package.json': manifest,
    ...Object.fromEntries(Object.entries(files).map(([path, text]) => [path, `${header}${text}`])),
  })
  return checkImports(root).map(({ file, line, message }) => `${file}:${line}: ${message}`)
}

describe('import rules', () => {
  it('hold in this repository', () => {
    expect(checkImports(fileURLToPath(new URL('../..', import.meta.url)))).toEqual([])
  })

  it('find a violation of direction, whatever form the import has', () => {
    const target = { 'src/kernel/body.ts': 'export type Body = string\nexport const body = 1\n' }
    const forms = [
      "import { body } from '../kernel/body.ts'\nexport const a = body\n",
      "import type { Body } from '../kernel/body.ts'\nexport const a: Body = ''\n",
      "import { type Body } from '../kernel/body.ts'\nexport const a: Body = ''\n",
      "export { body } from '../kernel/body.ts'\n",
      "export type { Body } from '../kernel/body.ts'\n",
      "export * from '../kernel/body.ts'\n",
      "export * as kernel from '../kernel/body.ts'\n",
      "import '../kernel/body.ts'\n",
      "export const a = import('../kernel/body.ts')\n",
      'export const a = import(`../kernel/body.ts`)\n',
      "export type A = import('../kernel/body.ts').Body\n",
      "export const a = new URL('../kernel/body.ts', import.meta.url)\n",
    ]
    for (const form of forms) {
      expect(found({ ...target, 'src/model/usage.ts': form })).toEqual([
        'src/model/usage.ts:2: model must not import kernel',
      ])
    }
  })

  it('are not fooled by comments and strings', () => {
    const text = `// import '../kernel/body.ts'
/* import { body } from '../kernel/body.ts' */
export const a = "import '../kernel/body.ts'"
export const b = \`export * from '../kernel/body.ts'\`
export const c = /import '..\\/kernel/
`
    expect(found({ 'src/kernel/body.ts': 'export const body = 1\n', 'src/model/usage.ts': text })).toEqual([])
  })

  it('keep drivers from each other, and let a driver use its own files', () => {
    expect(
      found({
        'src/providers/one.ts': "import { two } from './two/index.ts'\nexport const one = two\n",
        'src/providers/two/index.ts': "export { two } from './sign.ts'\n",
        'src/providers/two/sign.ts': 'export const two = 2\n',
        'src/dialects/three.ts': "import { two } from '../providers/two/index.ts'\nexport const three = two\n",
      }),
    ).toEqual(
      [
        'src/providers/one.ts:2: providers/one must not import its sibling providers/two',
        'src/dialects/three.ts:2: dialects must not import providers',
      ].sort((a, b) => (a.includes('dialects/three') ? -1 : b.includes('dialects/three') ? 1 : 0)),
    )
  })

  it('let only the composition root and the commands see the list of built-ins', () => {
    const list = { 'src/builtins.gen.ts': 'export const providers = []\n' }
    const use = (path: string): Record<string, string> => ({
      [path]: `export { providers } from '${path.startsWith('src/cli') ? '../' : './'}builtins.gen.ts'\n`,
    })
    expect(found({ ...list, ...use('src/app.ts'), ...use('src/cli/main.ts') })).toEqual([])
    expect(found({ ...list, 'src/pipeline/plan.ts': "export { providers } from '../builtins.gen.ts'\n" })).toEqual([
      'src/pipeline/plan.ts:2: pipeline must not import builtins.gen',
    ])
  })

  it('keep tests and test kits out of what is shipped', () => {
    expect(
      found({
        'src/kernel/testing/kit.ts': "import { it } from 'vitest'\nexport const kit = it\n",
        'src/model/money.test.ts': "import { kit } from '../kernel/testing/kit.ts'\nexport const a = kit\n",
        'src/kernel/body.ts': "export { kit } from './testing/kit.ts'\n",
        'src/pipeline/run.ts': "export { a } from '../model/money.test.ts'\n",
      }),
    ).toEqual([
      'src/kernel/body.ts:2: only tests may import kernel/testing',
      'src/pipeline/run.ts:2: only tests may import a test',
    ])
  })

  it('find packages that would not be installed, and built-in modules without their prefix', () => {
    expect(
      found({ 'src/http/server.ts': "import 'vitest'\nimport 'zod/mini'\nimport 'fs'\nimport 'node:http'\n" }),
    ).toEqual([
      'src/http/server.ts:2: vitest is not among the dependencies of package.json',
      'src/http/server.ts:4: write node:fs',
    ])
  })

  it('find an import that leads nowhere, and one that leaves the sources', () => {
    expect(
      found({
        'src/http/server.ts': "import './gone.ts'\nimport '../../scripts/tool.ts'\n",
        'scripts/tool.ts': 'export {}\n',
      }),
    ).toEqual([
      'src/http/server.ts:2: ./gone.ts is not there',
      'src/http/server.ts:3: ../../scripts/tool.ts is outside of src',
    ])
  })

  it('find circles of any length, type imports included', () => {
    expect(
      found({
        'src/model/a.ts': "import type { B } from './b.ts'\nexport type A = B\n",
        'src/model/b.ts': "import { c } from './c.ts'\nexport type B = typeof c\n",
        'src/model/c.ts': "export const c = (): unknown => import('./a.ts')\n",
        'src/model/d.ts': "import './d.ts'\n",
        'src/model/e.ts': "import './a.ts'\n",
      }),
    ).toEqual([
      'src/model/a.ts:2: import circle: src/model/a.ts → src/model/b.ts → src/model/c.ts → src/model/a.ts',
      'src/model/d.ts:2: import circle: src/model/d.ts → src/model/d.ts',
    ])
  })

  it('find a file without a header, one that is too long, one that does not parse, and names that say nothing', () => {
    const root = temporaryTree({
      'package.json': manifest,
      'src/model/bare.ts': 'export const a = 1 // a comment, but not at the head\n',
      'src/model/broken.ts': `${header}export const = 1\n`,
      'src/model/long.ts': `${header}${'export {}\n'.repeat(600)}`,
      'src/model/utils/money.ts': `${header}export {}\n`,
      'src/model/helpers.ts': `${header}export {}\n`,
      'src/somewhere/else.ts': `${header}export {}\n`,
    })
    expect(checkImports(root).map(({ file, message }) => `${file}: ${message}`)).toEqual([
      'src/model/bare.ts: has no header comment that says what it is and why it is there',
      expect.stringMatching(/^src\/model\/broken\.ts: /),
      'src/model/helpers.ts: the name helpers says nothing of what is inside',
      'src/model/long.ts: has 601 lines, more than 600',
      'src/model/utils/money.ts: the name utils says nothing of what is inside',
      'src/somewhere/else.ts: belongs to no area that the import rules know',
    ])
  })
})

describe('findCircles', () => {
  it('reports each knot once, by one of its shortest circles', () => {
    const edges = new Map([
      ['a', ['b', 'c']],
      ['b', ['c']],
      ['c', ['a']],
      ['d', ['a']],
      ['e', ['f']],
      ['f', ['e']],
    ])
    expect(findCircles(edges)).toEqual([
      ['a', 'c'],
      ['e', 'f'],
    ])
  })
})
