/** The bundle must start like the sources do, keep threads and lazy parts apart, and be made again only when something changed. */
import { spawnSync } from 'node:child_process'
import { appendFileSync, existsSync, readFileSync, readdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { build, inAscii, isCurrent, threadEntries } from '../../scripts/build.ts'
import { temporaryTree } from './temporary-tree.ts'

const launcher = readFileSync(fileURLToPath(new URL('../../bin/sluicegate.js', import.meta.url)), 'utf8')

const files = {
  'package.json': '{ "type": "module" }',
  'bin/sluicegate.js': launcher,
  'src/cli/main.ts': `import { startThread } from '../stores/thread.ts'
const words: string[] = process.argv.slice(2)
const { lazy } = await import('../stores/lazy.ts')
console.log(lazy(), words.join(' '), import.meta.url.endsWith('.ts') ? 'sources' : 'bundle')
startThread()
process.exitCode = 7
`,
  'src/stores/lazy.ts': `export const lazy = (): string => 'lazy'\n`,
  'src/stores/thread.ts': `import { Worker } from 'node:worker_threads'
const name = import.meta.url.endsWith('.ts') ? './echo-worker.ts' : './echo-worker.js'
export const startThread = (): Worker => new Worker(new URL(name, import.meta.url))
`,
  'src/stores/echo-worker.ts': `console.log('thread')\n`,
}

function run(root: string, ...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(
    process.execPath,
    args.length === 0 ? [join(root, 'bin/sluicegate.js'), 'serve', '--config', 'a b'] : args,
    {
      encoding: 'utf8',
      env: { ...process.env, NODE_DISABLE_COMPILE_CACHE: '1' },
    },
  )
}

describe('bundle', () => {
  it('does what the sources do: arguments, exit code, threads, lazy parts', async () => {
    const root = temporaryTree(files)
    const fromSources = run(root)
    expect(fromSources).toMatchObject({ status: 7, stdout: 'lazy serve --config a b sources\nthread\n' })
    await build(root)
    expect(readdirSync(join(root, 'dist')).sort()).toEqual([
      '.stamp',
      expect.stringMatching(/^chunk-lazy-/),
      'echo-worker.js',
      'sluicegate.js',
    ])
    expect(run(root)).toMatchObject({ status: 7, stdout: 'lazy serve --config a b bundle\nthread\n' })
  })

  it('is in ASCII, and says the same', () => {
    const said = (code: string): unknown => runInNewContext(code)
    for (const code of ["'it’s … 😀'", '`${1}“`', '/^[“-”]+$/.test("“”")', '/^[😀]$/u.test("😀")', '"\\\\’"']) {
      expect(inAscii(code)).toMatch(/^[\x00-\x7f]*$/)
      expect(said(inAscii(code))).toEqual(said(code))
    }
    expect(() => inAscii("'\\’'")).toThrow('behind a backslash')
  })

  it('knows whether it is current', async () => {
    const root = temporaryTree(files)
    expect(isCurrent(root)).toBe(false)
    await build(root)
    expect(isCurrent(root)).toBe(true)
    appendFileSync(join(root, 'src/stores/lazy.ts'), '\n')
    expect(isCurrent(root)).toBe(false)
    await build(root)
    expect(isCurrent(root)).toBe(true)
    expect(readdirSync(root).filter((name) => name.startsWith('dist'))).toEqual(['dist'])
  })

  it('leaves the old one in place when a new one cannot be made', async () => {
    const root = temporaryTree(files)
    await build(root)
    appendFileSync(join(root, 'src/cli/main.ts'), "import './gone.ts'\n")
    await expect(build(root)).rejects.toThrow('gone.ts')
    expect(existsSync(join(root, 'dist/sluicegate.js'))).toBe(true)
    expect(readdirSync(root).filter((name) => name.startsWith('dist'))).toEqual(['dist'])
  })

  it('refuses a thread whose address will not be right', () => {
    const root = temporaryTree({
      'src/stores/thread.ts': `export const a = import.meta.url.endsWith('.ts') ? './gone.ts' : './gone.js'\n`,
    })
    expect(() => threadEntries(root)).toThrow('./gone.ts is not there')
  })
})

const ownNode = fileURLToPath(
  new URL(`../../node_modules/node-${process.platform}-${process.arch}/bin/node`, import.meta.url),
)
/** Makes a process believe that it runs on Node 20. */
const old = [
  '--import',
  'data:text/javascript,Object.defineProperty(process,"versions",{value:{...process.versions,node:"20.19.2"}})',
]

describe('launcher on a Node that is too old', () => {
  it.skipIf(!existsSync(ownNode))('runs on the Node that came with the package', () => {
    const root = temporaryTree(files)
    symlinkSync(fileURLToPath(new URL('../../node_modules', import.meta.url)), join(root, 'node_modules'))
    const result = run(root, ...old, join(root, 'bin/sluicegate.js'), 'serve')
    expect(result).toMatchObject({ status: 7, stdout: 'lazy serve sources\nthread\n' })
  })

  it('says what is needed when there is none', () => {
    const root = temporaryTree(files)
    const result = run(root, ...old, join(root, 'bin/sluicegate.js'), 'serve')
    expect(result.status).toBe(1)
    expect(result.stderr).toContain('needs Node.js 24.15 or newer')
  })
})
