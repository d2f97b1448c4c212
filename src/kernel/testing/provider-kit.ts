/** The conformance kit of providers: every one must pass it, with cases that say what the service's documentation asks for. */
import { describe, expect, it } from 'vitest'
import { openSigner } from '../identity/open-signer.ts'
import type { Offer, Provider, ProviderConfig, SignerContext } from '../provider.ts'
import type { Outbound } from '../transport.ts'
import { FakeClock } from './fake-clock.ts'
import { playedTransport } from './played-transport.ts'

export interface ProviderCase {
  /** What is special about this configuration, for the test's name. */
  readonly name: string
  /** As it stands in the configuration file. */
  readonly config: unknown
  /** The credential to sign with; absent means none. */
  readonly credential?: string
  /** Headers that the request has before signing. */
  readonly headers?: Readonly<Record<string, string>>
  /** Model to ask for, where paths depend on it. */
  readonly model?: string
  readonly stream?: boolean
  readonly expect: {
    readonly baseUrl: string
    /** Dialect id → path and query below the base URL; every offer of the provider must be named. */
    readonly paths: Readonly<Record<string, string>>
    /** All that signing adds or changes, exactly. */
    readonly headers: Readonly<Record<string, string>>
    /** Dialect id → the same for an offer that is signed otherwise. */
    readonly headersOf?: Readonly<Record<string, Readonly<Record<string, string>>>>
    /** The one header that may hold the credential. */
    readonly credentialHeader?: string
  }
}

export interface ProviderCases {
  readonly cases: readonly ProviderCase[]
  /** Configurations that must be refused. */
  readonly refused: readonly { readonly name: string; readonly config: unknown }[]
  /** For providers that fetch tokens: the time, and who issues them. Default: nobody answers. */
  readonly context?: () => SignerContext
}

/** Credentials that cannot be sent; each contains the mark that no error may repeat. */
const mark = 'k3yMaterial'
const unusable = [`${mark}\r\nx-injected: 1`, `${mark}\n`, `${mark} ${mark}`, `${mark}\u0000`, `${mark}ключ`]

const noIssuer = (): SignerContext => ({ clock: new FakeClock(), transport: playedTransport(() => undefined) })

export function describeProvider<C extends ProviderConfig>(
  provider: Provider<C>,
  { cases, refused, context = noIssuer }: ProviderCases,
): void {
  const offersOf = (config: C): readonly Offer[] => provider.offersOf?.(config) ?? provider.offers

  const sign = (outbound: Outbound, config: C, credential: string | undefined): Outbound | Promise<Outbound> =>
    openSigner(provider, config, context()).sign(outbound, credential)

  const outboundOf = (
    base: string,
    offer: Offer,
    { model = 'a-model', stream = false, headers = {} }: ProviderCase,
  ): Outbound => {
    const url = new URL(base)
    return {
      method: 'POST',
      origin: url.origin,
      path: `${url.pathname === '/' ? '' : url.pathname}${offer.path(model, stream)}${url.search}`,
      headers: { 'content-type': 'application/json', ...headers },
      body: new TextEncoder().encode('{"model":"a-model"}'),
    }
  }

  const firstOffer = (config: C): Offer => {
    const offer = offersOf(config)[0]
    if (offer === undefined) throw new Error(`${provider.id} offers nothing`)
    return offer
  }

  const thrownBy = async (work: () => unknown): Promise<unknown> => {
    try {
      await work()
      return undefined
    } catch (error) {
      return error
    }
  }

  describe(`provider ${provider.id}`, () => {
    it('has an id and a title, and offers each operation in a dialect once', () => {
      expect(provider.id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/)
      expect(provider.title).not.toBe('')
      const pairs = provider.offers.map((offer) => `${offer.operation} ${offer.dialect}`)
      expect(pairs.length).toBeGreaterThan(0)
      expect(new Set(pairs).size).toBe(pairs.length)
    })

    it.each(refused)('refuses a configuration with $name', ({ config }) => {
      expect(provider.config.safeParse(config).success).toBe(false)
    })

    describe.each(cases)('with $name', (one) => {
      it('has the documented base URL, without a trailing slash', () => {
        const base = provider.baseUrl(provider.config.parse(one.config))
        expect(base).toBe(one.expect.baseUrl)
        expect(base).not.toMatch(/\/$/)
      })

      it('has the documented path for every offer', () => {
        const { model = 'a-model', stream = false } = one
        const offers = offersOf(provider.config.parse(one.config))
        const paths = Object.fromEntries(offers.map((offer) => [offer.dialect, offer.path(model, stream)]))
        const known = new Set(provider.offers.map(({ dialect }) => dialect))
        for (const { dialect } of offers) expect(known, 'the dialects it says it speaks').toContain(dialect)
        expect(paths).toEqual(one.expect.paths)
        for (const path of Object.values(paths)) expect(path).toMatch(/^\//)
      })

      it('signs with the documented headers and leaves method, address and body as they are', async () => {
        const config = provider.config.parse(one.config)
        for (const offer of offersOf(config)) {
          const before = outboundOf(provider.baseUrl(config), offer, one)
          const copy = { ...before, headers: { ...before.headers } }
          const after = await sign(before, config, one.credential)
          expect(before, 'the request that was given').toEqual(copy)
          expect({ method: after.method, origin: after.origin, path: after.path }).toEqual({
            method: copy.method,
            origin: copy.origin,
            path: copy.path,
          })
          expect(after.body).toBe(before.body)
          expect(after.headers).toEqual({
            ...copy.headers,
            ...(one.expect.headersOf?.[offer.dialect] ?? one.expect.headers),
          })
          for (const name of Object.keys(after.headers)) expect(name).toBe(name.toLowerCase())
        }
      })

      it('puts the credential into the documented header and nowhere else', async () => {
        if (one.credential === undefined) return
        const config = provider.config.parse(one.config)
        const signed = await sign(outboundOf(provider.baseUrl(config), firstOffer(config), one), config, one.credential)
        const holders = Object.entries(signed.headers).filter(([, value]) => value.includes(one.credential ?? ''))
        expect(holders.map(([name]) => name)).toEqual(
          one.expect.credentialHeader === undefined ? [] : [one.expect.credentialHeader],
        )
        expect(signed.origin + signed.path).not.toContain(one.credential)
      })

      it('never repeats a credential that cannot be sent, in a header or in an error', async () => {
        if (one.credential === undefined || one.expect.credentialHeader === undefined) return
        const config = provider.config.parse(one.config)
        for (const credential of unusable) {
          const before = outboundOf(provider.baseUrl(config), firstOffer(config), one)
          const error = await thrownBy(() => sign(before, config, credential))
          expect(error).toBeInstanceOf(Error)
          expect(`${String(error)} ${JSON.stringify(error)} ${(error as Error).stack ?? ''}`).not.toContain(mark)
        }
      })
    })

    it('refuses to sign without a credential, unless it is keyless', async () => {
      const [one] = cases
      if (one === undefined) throw new Error('the kit needs at least one case')
      const config = provider.config.parse(one.config)
      const before = outboundOf(provider.baseUrl(config), firstOffer(config), one)
      const error = await thrownBy(() => sign(before, config, undefined))
      const needed = provider.needsCredential?.(config) ?? provider.keyless !== true
      if (!needed) expect(error).toBeUndefined()
      else expect(error).toMatchObject({ name: 'Fault', code: 'provider_authentication' })
    })
  })
}
