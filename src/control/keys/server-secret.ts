/** The secret under which keys are hashed: from the environment, else a file beside the data that only the owner can read. */
import { randomBytes } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const shortest = 32

export class ServerSecretError extends Error {
  override readonly name = 'ServerSecretError'
}

/** Made on first use. Two processes that start at once agree on one. */
export function serverSecret(dataDir: string, given: string | undefined): Buffer {
  if (given !== undefined && given !== '') {
    if (given.length < shortest)
      throw new ServerSecretError(`SLUICEGATE_SECRET must have at least ${shortest} characters`)
    return Buffer.from(given)
  }
  const file = join(dataDir, 'server.secret')
  const existing = readSecret(file)
  if (existing !== undefined) return existing
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`
  writeFileSync(draft, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flag: 'wx', flush: true })
  try {
    // A link, unlike a rename, never replaces what another process has put there meanwhile.
    linkSync(draft, file)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  } finally {
    unlinkSync(draft)
  }
  const made = readSecret(file)
  if (made === undefined) throw new ServerSecretError(`${file} could not be read back`)
  return made
}

function readSecret(file: string): Buffer | undefined {
  let text: string
  try {
    text = readFileSync(file, 'utf8').trim()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
  if (text.length < shortest)
    throw new ServerSecretError(
      `${file} is too short to be a server secret; keys that were made under the old one cannot be read without it`,
    )
  return Buffer.from(text)
}
