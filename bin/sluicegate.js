#!/usr/bin/env node
// The launcher: plain JavaScript that any Node of the last years can read. It runs the gateway on a Node that is new enough, which
// is this one or the one that came with the package, and prefers the bundle to the sources.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import module, { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const required = [24, 15]
const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Set for the process that this one starts, so that it cannot start another. */
const marker = 'SLUICEGATE_LAUNCHED'

function isNewEnough() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  return major > required[0] || (major === required[0] && minor >= required[1])
}

/** The Node that is an optional dependency of this package, for the systems that have one. */
function ownNode() {
  try {
    const manifest = createRequire(import.meta.url).resolve(`node-${process.platform}-${process.arch}/package.json`)
    const path = join(dirname(manifest), 'bin', 'node')
    return existsSync(path) ? path : undefined
  } catch {
    return undefined
  }
}

function runOn(node) {
  // The channel lets the gateway notice when this process is killed without a chance to tell it.
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, [marker]: '1' },
  })
  const atTerminal = process.stdin.isTTY || process.stdout.isTTY
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR2']) {
    process.on(signal, () => {
      // A terminal sends Ctrl-C to the whole group; a second one would mean "at once".
      if (!(atTerminal && (signal === 'SIGINT' || signal === 'SIGQUIT'))) child.kill(signal)
    })
  }
  child.on('error', (error) => {
    console.error(`sluicegate: cannot run ${node}: ${error.message}`)
    process.exit(1)
  })
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1)
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
    // A signal that does not end this process, or not yet.
    setTimeout(() => process.exit(1), 1000)
  })
}

async function run() {
  if (process.env[marker] !== undefined) {
    delete process.env[marker]
    if (process.channel !== undefined && process.channel !== null) {
      process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'))
      process.channel.unref()
    }
  }
  module.enableCompileCache?.()
  const bundle = join(root, 'dist', 'sluicegate.js')
  const entry = existsSync(bundle) ? bundle : join(root, 'src', 'cli', 'main.ts')
  await import(pathToFileURL(entry).href)
}

if (isNewEnough()) await run()
else {
  const node = process.env[marker] === undefined ? ownNode() : undefined
  if (node === undefined) {
    console.error(
      `sluicegate: needs Node.js ${required.join('.')} or newer, and this is ${process.version} (${process.execPath}).\n` +
        'Install a newer one, or run `npm install` with optional dependencies on Linux, which brings its own.',
    )
    process.exit(1)
  } else runOn(node)
}
