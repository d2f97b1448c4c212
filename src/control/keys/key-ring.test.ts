/** Who gets in with which secret, and for how long. */
import { describe, expect, it } from 'vitest'
import { FakeClock, settle } from '../../kernel/testing/fake-clock.ts'
import { Fault } from '../../model/fault.ts'
import { openSqlite } from '../../stores/drivers/sqlite/open-sqlite.ts'
import { createKey } from './create-key.ts'
import { KeyRing } from './key-ring.ts'
import { hintOf, newSecret } from './secret.ts'

const serverSecret = Buffer.from('a server secret of sufficient length for tests')
const everything = { models: ['*'] }

function setUp() {
  const clock = new FakeClock()
  const { keys } = openSqlite(':memory:')
  return { clock, keys, ring: new KeyRing(keys, serverSecret, clock) }
}

describe('the key ring', () => {
  it('finds a created key by its secret, and by nothing else', () => {
    const { keys, ring, clock } = setUp()
    const { secret, key } = createKey(keys, serverSecret, { name: 'ci', policy: everything, now: clock.now() })
    expect(ring.identify(secret)).toMatchObject({ id: key.id, name: 'ci' })
    for (const wrong of [`${secret}x`, secret.slice(0, -1), secret.toUpperCase(), key.hash, '', 'x'.repeat(10_000)]) {
      expect(() => ring.identify(wrong)).toThrow(Fault)
    }
  })

  it('lets a revoked key in no more, even one it had cached', async () => {
    const { keys, ring, clock } = setUp()
    const { secret } = createKey(keys, serverSecret, { name: 'ci', policy: everything, now: clock.now() })
    ring.identify(secret)
    keys.revoke('ci', clock.now())
    await settle()
    expect(() => ring.identify(secret)).toThrow(/revoked/)
  })

  it('lets an expired key in until its last millisecond', async () => {
    const { keys, ring, clock } = setUp()
    const { secret } = createKey(keys, serverSecret, {
      name: 'brief',
      policy: everything,
      now: clock.now(),
      expiresAt: clock.now() + 1000,
    })
    await clock.advance(999)
    expect(ring.identify(secret).name).toBe('brief')
    await clock.advance(1)
    expect(() => ring.identify(secret)).toThrow(/expired/)
  })

  it('takes over the keys of a new configuration and forgets those it no longer has', () => {
    const { ring } = setUp()
    ring.configure([{ name: 'old', secret: 'secret-of-old-key', policy: everything }])
    expect(ring.identify('secret-of-old-key').id).toBe('cfg_old')
    ring.configure([{ name: 'new', secret: 'secret-of-new-key', policy: everything }])
    expect(() => ring.identify('secret-of-old-key')).toThrow(/not known/)
    expect(ring.identify('secret-of-new-key').id).toBe('cfg_new')
  })

  it('says nothing of the secret in its faults', () => {
    const { ring } = setUp()
    const secret = newSecret()
    let message = ''
    try {
      ring.identify(secret)
    } catch (error) {
      message = String(error)
    }
    expect(message).not.toContain(secret.slice(3, 12))
    expect(secret).not.toBe(newSecret())
    expect(hintOf(secret).length).toBeLessThan(8)
  })
})
