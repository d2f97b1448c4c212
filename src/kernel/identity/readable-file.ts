/** Files that hold an identity: checked when the configuration is read, and read anew whenever one is used, because they are rotated. */
import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { identityFault } from './identity-fault.ts'

const limit = 1 << 20

/** Why the file cannot be used, in words without its content; undefined when it can. */
export function fileProblem(path: string): string | undefined {
  try {
    textOf(path)
    return undefined
  } catch (error) {
    return reasonOf(error)
  }
}

/** The file's text. Throws a Fault (`provider_authentication`) that names the provider and the field with the path. */
export function readIdentityFile(path: string, { provider, field }: { provider: string; field: string }): string {
  try {
    return textOf(path)
  } catch (error) {
    throw identityFault(
      `${provider}: the file in \`${field}\` ${reasonOf(error)}. Put it where the gateway can read it.`,
      error,
    )
  }
}

/** `~/` is the home of whoever the gateway runs as. */
function textOf(path: string): string {
  const text = readFileSync(path.startsWith('~/') ? `${homedir()}${path.slice(1)}` : path, 'utf8')
  if (text.length > limit) throw new RangeError('too large')
  return text
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown'
  if (code === 'ENOENT') return 'does not exist'
  return error instanceof RangeError ? 'is too large for such a file' : `cannot be read (${code})`
}
