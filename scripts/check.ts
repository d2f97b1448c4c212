/**
 * Runs every static check, quick ones first, all of them whatever fails, and tells at the end which failed. The tests are not among
 * them: `npm test` is a command of its own.
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

const steps: readonly (readonly [name: string, command: string, ...args: string[]])[] = [
  ['imports', 'node', 'scripts/check-imports.ts'],
  ['format', 'oxfmt', '--check'],
  ['generated files', 'node', 'scripts/generate.ts', '--check'],
  ['documentation', 'node', 'scripts/check-docs.ts'],
  ['lint', 'oxlint', '--deny-warnings'],
  ['types', 'tsc', '-p', '.'],
  ['dead code', 'knip', '--no-progress'],
  ['bundle', 'node', 'scripts/build.ts'],
]

const failed: string[] = []
for (const [name, command, ...args] of steps) {
  const started = performance.now()
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, PATH: `${root}node_modules/.bin:${process.env['PATH'] ?? ''}`, NO_COLOR: '1' },
  })
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  const passed = status === 0
  console.log(`${passed ? 'passed' : 'FAILED'}  ${name} (${seconds} s)`)
  if (passed) continue
  failed.push(name)
  console.log(`${stdout}${stderr}${error === undefined ? '' : error.message}`.trimEnd())
}
if (failed.length > 0) {
  console.log(`checks that failed: ${failed.join(', ')}`)
  process.exitCode = 1
}
