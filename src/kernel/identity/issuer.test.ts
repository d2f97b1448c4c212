/** What issuers answer, and what is said when that is no token. */
import { describe, expect, it } from 'vitest'
import { FakeClock, settle } from '../testing/fake-clock.ts'
import { playedTransport } from '../testing/played-transport.ts'
import type { PlayedAnswer } from '../testing/played-transport.ts'
import { askForToken, formHeaders, formOf } from './issuer.ts'
import type { IssuerQuestion } from './issuer.ts'

const question: IssuerQuestion = {
  provider: 'Acme',
  issuer: 'the token service',
  method: 'POST',
  url: 'https://id.example/t/token?v=2',
  headers: formHeaders,
  body: formOf({ client_secret: 'hush-hush', absent: undefined }),
  whenRefused: 'Check `client_secret`.',
  secrets: ['hush-hush'],
}

const stage = (...answers: (PlayedAnswer | undefined)[]) => {
  const clock = new FakeClock()
  const transport = playedTransport(() => answers.shift())
  return { clock, transport, asking: askForToken({ clock, transport }, question) }
}

describe('asking an issuer', () => {
  it('sends the form and reads token and lifetime, a lifetime in text as well', async () => {
    const { asking, transport } = stage({ body: { access_token: 'tok', expires_in: '3599' } })
    expect(await asking).toEqual({ value: 'tok', lifetime: 3_599_000 })
    expect(transport.asked).toEqual([
      {
        method: 'POST',
        origin: 'https://id.example',
        path: '/t/token?v=2',
        headers: {
          accept: 'application/json',
          'user-agent': 'sluicegate',
          'content-type': 'application/x-www-form-urlencoded',
        },
        body: Buffer.from('client_secret=hush-hush'),
      },
    ])
  })

  it.each([
    ['nothing about it', undefined],
    ['nonsense', 'soon'],
    ['a negative number', -1],
  ])('takes an hour for granted when the lifetime is %s', async (_what, lifetime) => {
    const { asking } = stage({ body: { access_token: 'tok', expires_in: lifetime } })
    expect(await asking).toEqual({ value: 'tok', lifetime: 3_600_000 })
  })

  it('reckons the end of a token by the clock of the issuer, not by one that may be wrong', async () => {
    const body = { access_token: 'tok', expires_in: '86399', expires_on: '1767225900' }
    const { asking } = stage({ headers: { date: 'Thu, 01 Jan 2026 00:00:00 GMT' }, body })
    expect(await asking).toEqual({ value: 'tok', lifetime: 300_000 })
  })

  it('says what the issuer said and what to do, without the secret, and marks it as an answer from outside', async () => {
    const { asking } = stage({
      status: 401,
      body: { error: 'invalid_client', error_description: 'Secret hush-hush is wrong.\r\nTrace ID: 1' },
    })
    const fault = await asking.catch((error: unknown) => error)
    expect(fault).toMatchObject({
      name: 'Fault',
      code: 'provider_authentication',
      status: 502,
      upstream: {},
      message:
        'Acme: the token service refused to issue a token (status 401, invalid_client: Secret [secret] is wrong.). Check `client_secret`.',
    })
  })

  it('says which host could not be reached', async () => {
    await expect(stage(undefined).asking).rejects.toMatchObject({
      code: 'provider_authentication',
      message:
        'Acme: the token service gave no token, because id.example could not be reached. Check that this machine may connect to it.',
    })
  })

  it('gives up on an issuer that is silent', async () => {
    const clock = new FakeClock()
    const transport = playedTransport(() => new Promise(() => {}))
    const asking = askForToken({ clock, transport }, question).catch((error: unknown) => error)
    await clock.advance(10_000)
    expect(await asking).toMatchObject({ code: 'provider_authentication' })
    expect(clock.timers).toBe(0)
  })

  it('asks again after what passes by itself, but not for ever', async () => {
    const well = stage({ status: 503 }, { status: 429 }, { body: { access_token: 'tok', expires_in: 60 } })
    await settle()
    await well.clock.advance(1000)
    expect(await well.asking).toEqual({ value: 'tok', lifetime: 60_000 })

    const ill = stage({ status: 500 }, { status: 500 }, { status: 500 }, { body: { access_token: 'late' } })
    const failed = ill.asking.catch((error: unknown) => error)
    await ill.clock.advance(10_000)
    expect(await failed).toMatchObject({ message: expect.stringContaining('status 500') as unknown })
    expect(ill.transport.asked).toHaveLength(3)
  })

  it.each([
    ['no JSON', 'hello'],
    ['no object', [1]],
    ['no token', { expires_in: 1 }],
    ['a token that cannot stand in a header', { access_token: 'a\nb' }],
    ['too much', 'x'.repeat(2 << 20)],
  ])('does not take %s for a token', async (_what, body) => {
    const fault = await stage({ body }).asking.catch((error: unknown) => error)
    expect(fault).toMatchObject({ code: 'provider_authentication' })
  })
})
