/** The secret that keys are hashed under: made once, kept safe, never replaced. */
import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ServerSecretError, serverSecret } from './server-secret.ts'

const directory = (): string => mkdtempSync(join(tmpdir(), 'server-secret-'))

describe('the server secret', () => {
  it('is made once, kept for the owner alone, and the same ever after', () => {
    const dir = join(directory(), 'data')
    const made = serverSecret(dir, undefined)
    expect(made.length).toBeGreaterThanOrEqual(32)
    expect(serverSecret(dir, undefined)).toEqual(made)
    expect(statSync(join(dir, 'server.secret')).mode & 0o777).toBe(0o600)
    expect(serverSecret(directory(), undefined)).not.toEqual(made)
  })

  it('comes from the environment when that has one, and is not written down then', () => {
    const dir = directory()
    const given = 'given-by-the-environment-and-long-enough'
    expect(serverSecret(dir, given).toString()).toBe(given)
    expect(() => readFileSync(join(dir, 'server.secret'))).toThrow(/ENOENT/)
  })

  it('is refused when it is too short, instead of being replaced', () => {
    const dir = directory()
    writeFileSync(join(dir, 'server.secret'), 'short\n')
    expect(() => serverSecret(dir, undefined)).toThrow(ServerSecretError)
    expect(() => serverSecret(dir, 'short')).toThrow(ServerSecretError)
  })
})
