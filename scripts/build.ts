/**
 * Bundles the gateway into `dist/`: one file to start, one per worker, and chunks for what is loaded lazily. A bundle starts in a
 * third of the time that the sources and their packages take. With `--if-stale` it does nothing when `dist/` is current, and
 * nothing when the bundler is not installed, because then the sources run as they are.
 */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { listFiles } from './checks/source-file.ts'

const stampFile = '.stamp'

/** Wanted by few: tables of a hundred thousand rows, and an engine that finds its program beside itself. Loaded from their packages when they are. */
const external = [/^gpt-tokenizer(\/|$)/, /^@jitl\/quickjs-wasmfile-release-sync$/]

export async function build(root: string): Promise<void> {
  const stamp = stampOf(root)
  const { rolldown } = await import('rolldown')
  const bundle = await rolldown({
    input: { sluicegate: join(root, 'src/cli/main.ts'), ...threadEntries(root) },
    cwd: root,
    platform: 'node',
    external,
    plugins: [{ name: 'ascii', renderChunk: (code) => ({ code: inAscii(code) }) }],
    checks: { bundlerTimings: false },
  })
  // Written beside and moved into place, so that nobody ever starts half a bundle.
  const fresh = join(root, `dist-${process.pid}`)
  const old = join(root, `dist-${process.pid}-old`)
  try {
    await bundle.write({
      dir: fresh,
      format: 'esm',
      entryFileNames: '[name].js',
      chunkFileNames: 'chunk-[name]-[hash].js',
      sourcemap: false,
      minify: false,
    })
    writeFileSync(join(fresh, stampFile), stamp)
    if (existsSync(join(root, 'dist'))) renameSync(join(root, 'dist'), old)
    renameSync(fresh, join(root, 'dist'))
  } finally {
    await bundle.close()
    for (const folder of [fresh, old]) rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * Node keeps the text of what it runs, in two bytes a character where a single one is beyond Latin-1. In strings, templates, patterns
 * and comments, where alone such characters stand, an escape is the same to it.
 */
export function inAscii(code: string): string {
  const escaped = /(?<!\\)(?:\\\\)*\\[^\x00-\x7f].*/.exec(code)?.[0]
  if (escaped !== undefined)
    throw new Error(`a character beyond ASCII stands behind a backslash: ${escaped.slice(0, 80)}`)
  return code.replaceAll(/[^\x00-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

export function isCurrent(root: string): boolean {
  try {
    return readFileSync(join(root, 'dist', stampFile), 'utf8') === stampOf(root)
  } catch {
    return false
  }
}

/** A hash of everything that goes into the bundle; contents, because checkouts and images set times as they like. */
function stampOf(root: string): string {
  const hash = createHash('sha256')
  for (const path of sources(root)) {
    const content = readFileSync(join(root, path))
    hash.update(`${path}\0${content.length}\0`).update(content)
  }
  return hash.digest('hex')
}

function sources(root: string): string[] {
  const code = listFiles(root, 'src', ['.ts']).filter((path) => !path.endsWith('.test.ts'))
  return [...code, 'package-lock.json', 'package.json', 'scripts/build.ts'].filter((path) =>
    existsSync(join(root, path)),
  )
}

/**
 * What a thread loads by address has to stay a file of its own. Code that names such a file does it in one way:
 * `import.meta.url.endsWith('.ts') ? './drain-worker.ts' : './drain-worker.js'`.
 */
export function threadEntries(root: string): Record<string, string> {
  const address = /import\.meta\.url\.endsWith\('\.ts'\)\s*\?\s*'(\.[^']*)\.ts'\s*:\s*'(\.[^']*)\.js'/g
  const entries: Record<string, string> = {}
  for (const path of sources(root)) {
    if (!path.startsWith('src/')) continue
    for (const [, source = '', bundled = ''] of readFileSync(join(root, path), 'utf8').matchAll(address)) {
      const file = join(root, dirname(path), `${source}.ts`)
      const name = basename(source)
      if (bundled !== `./${name}`) throw new Error(`${path}: in the bundle ${name} is ./${name}.js, not ${bundled}.js`)
      if (!existsSync(file)) throw new Error(`${path}: ${source}.ts is not there`)
      if (entries[name] !== undefined && entries[name] !== file)
        throw new Error(`${path}: there are two files called ${name}`)
      entries[name] = file
    }
  }
  return entries
}

function isMissingBundler(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    error.code === 'ERR_MODULE_NOT_FOUND' &&
    error.message.includes("'rolldown'")
  )
}

if (import.meta.main) {
  const root = fileURLToPath(new URL('..', import.meta.url))
  const ifStale = process.argv.includes('--if-stale')
  if (!ifStale || !isCurrent(root)) {
    try {
      await build(root)
    } catch (error) {
      if (!ifStale || !isMissingBundler(error)) throw error
      // A bundle of other sources would be worse than none.
      rmSync(join(root, 'dist'), { recursive: true, force: true })
    }
  }
}
