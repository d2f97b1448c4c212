/** Signing in at Entra ID: what is asked, how often, and what is said when nothing comes of it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Outbound } from '../../kernel/transport.ts'
import { FakeClock, settle } from '../../kernel/testing/fake-clock.ts'
import { playedTransport, sentText } from '../../kernel/testing/played-transport.ts'
import type { PlayedAnswer } from '../../kernel/testing/played-transport.ts'
import type { AzureConfig } from './address.ts'
import { azure } from './azure-openai.ts'

const application = { resource: 'contoso', tenant_id: 'tenant-1', client_id: 'app-1', client_secret: 'hush/hush' }
const outbound: Outbound = { method: 'POST', origin: 'https://contoso', path: '/x', headers: { a: 'b' }, body: null }

function stage(config: AzureConfig, answer: (asked: Outbound, count: number) => PlayedAnswer | undefined) {
  const clock = new FakeClock()
  let count = 0
  const transport = playedTransport((asked) => answer(asked, (count += 1)))
  const signer = azure.open?.(config, { clock, transport })
  if (signer === undefined) throw new Error('no signer')
  const signed = async (): Promise<string | undefined> =>
    (await signer.sign(outbound, undefined)).headers['authorization']
  return { clock, transport, signer, signed }
}

const token = (value: string, seconds: number | string = 3599): PlayedAnswer => ({
  body: { token_type: 'Bearer', expires_in: seconds, access_token: value },
})

describe('an application', () => {
  it('signs in with its secret, once for fifty requests, and again before the token ends', async () => {
    const { clock, transport, signed } = stage(application, (_asked, count) => token(`tok-${count}`))
    expect(await Promise.all(Array.from({ length: 50 }, signed))).toEqual(Array(50).fill('Bearer tok-1'))
    expect(transport.asked).toHaveLength(1)
    const [asked] = transport.asked
    expect(asked).toMatchObject({
      method: 'POST',
      origin: 'https://login.microsoftonline.com',
      path: '/tenant-1/oauth2/v2.0/token',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })
    expect(Object.fromEntries(new URLSearchParams(sentText(asked)))).toEqual({
      grant_type: 'client_credentials',
      client_id: 'app-1',
      scope: 'https://cognitiveservices.azure.com/.default',
      client_secret: 'hush/hush',
    })
    await clock.advance(3_400_000)
    expect(await signed()).toBe('Bearer tok-1')
    await settle()
    expect(await signed()).toBe('Bearer tok-2')
  })

  it('signs in with the token in a file, read anew each time, at the authority it is told', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'sluicegate-entra-'))
    onTestFinished(() => rmSync(dir, { recursive: true }))
    const file = join(dir, 'token')
    writeFileSync(file, 'first.assertion\n')
    const { client_secret: _secret, ...rest } = application
    const config = {
      ...rest,
      federated_token_file: file,
      authority: 'https://login.microsoftonline.us',
      scope: 'api://x/.default',
    }
    const { clock, transport, signed } = stage(config, () => token('tok', 60))
    await signed()
    writeFileSync(file, 'second.assertion')
    await clock.advance(60_000)
    await signed()
    const forms = transport.asked.map((asked) => Object.fromEntries(new URLSearchParams(sentText(asked))))
    expect(forms).toEqual(
      ['first.assertion', 'second.assertion'].map((assertion) => ({
        grant_type: 'client_credentials',
        client_id: 'app-1',
        scope: 'api://x/.default',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: assertion,
      })),
    )
    expect(transport.asked[0]?.origin).toBe('https://login.microsoftonline.us')
    rmSync(file)
    await clock.advance(60_000)
    await expect(signed()).rejects.toMatchObject({
      code: 'provider_authentication',
      message: 'Azure OpenAI: the file in `federated_token_file` does not exist. Put it where the gateway can read it.',
    })
  })

  it('says what is wrong when it is denied, and never the secret', async () => {
    const { signed } = stage(application, () => ({
      status: 401,
      body: {
        error: 'invalid_client',
        error_description: 'AADSTS7000215: Invalid client secret hush/hush provided.\r\nTrace ID: 1',
      },
    }))
    await expect(signed()).rejects.toMatchObject({
      code: 'provider_authentication',
      status: 502,
      message:
        'Azure OpenAI: Microsoft Entra ID refused to issue a token (status 401, invalid_client: AADSTS7000215: Invalid client secret [secret] provided.). Check `tenant_id`, `client_id` and `client_secret`.',
    })
  })

  it('signs in again after the provider refused an older token', async () => {
    const { clock, signer, signed } = stage(application, (_asked, count) => token(`tok-${count}`))
    await signed()
    await clock.advance(60_000)
    signer.refused?.()
    expect(await signed()).toBe('Bearer tok-2')
    expect(signer.redact?.('bad token tok-2')).toBe('bad token [credential]')
  })
})

describe('a managed identity', () => {
  it('asks the metadata service, and takes the end that it tells', async () => {
    const now = new FakeClock().now()
    const { clock, transport, signed } = stage(
      { resource: 'c', managed_identity: true, client_id: 'mine' },
      (_a, count) => ({
        body: { access_token: `tok-${count}`, expires_in: '86399', expires_on: String(now / 1000 + 600 * count) },
      }),
    )
    expect(await signed()).toBe('Bearer tok-1')
    const [asked] = transport.asked
    expect(asked).toMatchObject({ method: 'GET', origin: 'http://169.254.169.254', body: null })
    expect(asked?.headers['metadata']).toBe('true')
    const url = new URL(`http://x${asked?.path}`)
    expect(url.pathname).toBe('/metadata/identity/oauth2/token')
    expect(Object.fromEntries(url.searchParams)).toEqual({
      'api-version': '2018-02-01',
      resource: 'https://cognitiveservices.azure.com',
      client_id: 'mine',
    })
    await clock.advance(600_000)
    expect(await signed()).toBe('Bearer tok-2')
  })

  it('asks the place that App Service names', async () => {
    const config = {
      resource: 'c',
      managed_identity: true,
      identity_endpoint: 'http://127.0.0.1:4141/msi/token',
      identity_header: 'head-1',
    }
    const { transport, signed } = stage(config, () => token('tok'))
    await signed()
    expect(transport.asked[0]).toMatchObject({
      origin: 'http://127.0.0.1:4141',
      path: '/msi/token?api-version=2019-08-01&resource=https%3A%2F%2Fcognitiveservices.azure.com',
      headers: { 'x-identity-header': 'head-1' },
    })
  })

  it('asks again while the service is not ready', async () => {
    const { clock, signed } = stage({ resource: 'c', managed_identity: true }, (_asked, count) =>
      count === 1 ? { status: 404 } : count === 2 ? { status: 410 } : token('tok'),
    )
    const waiting = signed()
    await clock.advance(1000)
    expect(await waiting).toBe('Bearer tok')
  })

  it('says what to do where there is no such service', async () => {
    const { signed } = stage({ resource: 'c', managed_identity: true }, () => undefined)
    await expect(signed()).rejects.toMatchObject({
      code: 'provider_authentication',
      message:
        'Azure OpenAI: the managed identity gave no token, because 169.254.169.254 could not be reached. Managed identities exist on Azure alone: elsewhere set `tenant_id`, `client_id` and `client_secret`.',
    })
  })
})
