/** Google's tokens, by kind of credential: what is asked and with which proof, and what is said when there is none. */
import { generateKeyPairSync, verify } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Outbound } from '../../kernel/transport.ts'
import { FakeClock, settle } from '../../kernel/testing/fake-clock.ts'
import { playedTransport, sentText } from '../../kernel/testing/played-transport.ts'
import type { PlayedAnswer } from '../../kernel/testing/played-transport.ts'
import { vertex } from './index.ts'

// Whoever runs this may be logged in to Google's cloud.
beforeAll(() => void vi.stubEnv('HOME', '/nowhere'))
afterAll(() => void vi.unstubAllEnvs())

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' })
const dir = mkdtempSync(join(tmpdir(), 'sluicegate-vertex-'))
afterAll(() => rmSync(dir, { recursive: true }))
let files = 0
const fileOf = (content: unknown): string => {
  files += 1
  const file = join(dir, `${files}.json`)
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
  return file
}

const account = {
  type: 'service_account',
  project_id: 'p',
  client_email: 'gate@p.iam.gserviceaccount.com',
  private_key: pem,
  private_key_id: 'key-1',
  token_uri: 'https://oauth2.googleapis.com/token',
}
const outbound: Outbound = { method: 'POST', origin: 'https://x', path: '/', headers: {}, body: null }

function stage(content: unknown, answer: (asked: Outbound, count: number) => PlayedAnswer | undefined) {
  const clock = new FakeClock()
  let count = 0
  const transport = playedTransport((asked) => answer(asked, (count += 1)))
  const config = {
    project: 'p',
    location: 'global',
    ...(content !== undefined && { credentials_file: fileOf(content) }),
  }
  const signer = vertex.open?.(config, { clock, transport })
  const signed = async (): Promise<string | undefined> =>
    (await signer?.sign(outbound, undefined))?.headers['authorization']
  return { clock, transport, config, signed }
}

const formOf = (asked: Outbound | undefined) => Object.fromEntries(new URLSearchParams(sentText(asked)))
const token = (value: string): PlayedAnswer => ({
  body: { access_token: value, expires_in: 3599, token_type: 'Bearer' },
})

/** Header and claims of an assertion whose signature is right. */
function assertionIn(asked: Outbound | undefined): unknown[] {
  const [header = '', claims = '', signature = ''] = (formOf(asked)['assertion'] ?? '').split('.')
  expect(verify('RSA-SHA256', Buffer.from(`${header}.${claims}`), publicKey, Buffer.from(signature, 'base64url'))).toBe(
    true,
  )
  return [header, claims].map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()) as unknown)
}

describe('a service account', () => {
  it('proves itself with a signed assertion, once for fifty requests, and again before the token ends', async () => {
    const { clock, transport, signed } = stage(account, (_asked, count) => token(`ya29.${count}`))
    expect(await Promise.all(Array.from({ length: 50 }, signed))).toEqual(Array(50).fill('Bearer ya29.1'))
    expect(transport.asked).toHaveLength(1)
    const [asked] = transport.asked
    expect(asked).toMatchObject({ method: 'POST', origin: 'https://oauth2.googleapis.com', path: '/token' })
    expect(formOf(asked)['grant_type']).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer')
    const now = clock.now() / 1000
    expect(assertionIn(asked)).toEqual([
      { alg: 'RS256', typ: 'JWT', kid: 'key-1' },
      {
        iss: 'gate@p.iam.gserviceaccount.com',
        scope: 'https://www.googleapis.com/auth/cloud-platform',
        aud: 'https://oauth2.googleapis.com/token',
        iat: now,
        exp: now + 3600,
      },
    ])
    await clock.advance(3_400_000)
    expect(await signed()).toBe('Bearer ya29.1')
    await settle()
    expect(await signed()).toBe('Bearer ya29.2')
  })

  it('proves itself by the time of Google where the clock of the machine is wrong', async () => {
    const date = 'Thu, 15 Jan 2026 14:00:00 GMT'
    const { transport, signed } = stage(account, (_asked, count) =>
      count === 1
        ? { status: 400, headers: { date }, body: { error: 'invalid_grant', error_description: 'Invalid JWT' } }
        : token('ya29.late'),
    )
    expect(await signed()).toBe('Bearer ya29.late')
    expect(assertionIn(transport.asked[1])[1]).toMatchObject({ iat: Date.parse(date) / 1000 })
  })

  it('is told what is wrong when Google refuses it, and asks but once', async () => {
    const { transport, signed } = stage(account, () => ({
      status: 400,
      body: { error: 'invalid_grant', error_description: 'Invalid JWT Signature.' },
    }))
    await expect(signed()).rejects.toMatchObject({
      code: 'provider_authentication',
      status: 502,
      message:
        'Vertex AI: Google refused to issue a token (status 400, invalid_grant: Invalid JWT Signature.). Check `credentials_file`. Its key may have been deleted, or the clock of this machine is wrong.',
    })
    expect(transport.asked).toHaveLength(1)
  })
})

describe('other credentials', () => {
  it('of a user are a refresh token, which no message repeats', async () => {
    const user = { type: 'authorized_user', client_id: 'id', client_secret: 'sec-1', refresh_token: 'ref-1' }
    const well = stage(user, () => token('ya29.user'))
    expect(await well.signed()).toBe('Bearer ya29.user')
    expect(formOf(well.transport.asked[0])).toEqual({
      grant_type: 'refresh_token',
      client_id: 'id',
      client_secret: 'sec-1',
      refresh_token: 'ref-1',
    })
    const ill = stage(user, () => ({
      status: 400,
      body: { error: 'invalid_grant', error_description: 'ref-1 revoked' },
    }))
    await expect(ill.signed()).rejects.toMatchObject({
      message: expect.stringMatching(/\[secret\] revoked.*gcloud auth application-default login/) as unknown,
    })
  })

  const federation = {
    type: 'external_account',
    audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/pool/providers/k8s',
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    token_url: 'https://sts.googleapis.com/v1/token',
  }

  it('of another provider in a file are exchanged', async () => {
    const source = { file: fileOf('k8s.jwt.token\n') }
    const { transport, signed } = stage({ ...federation, credential_source: source }, () => token('ya29.sts'))
    expect(await signed()).toBe('Bearer ya29.sts')
    expect(transport.asked).toHaveLength(1)
    expect(formOf(transport.asked[0])).toEqual({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      audience: federation.audience,
      scope: 'https://www.googleapis.com/auth/cloud-platform',
      requested_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      subject_token: 'k8s.jwt.token',
      subject_token_type: federation.subject_token_type,
    })
  })

  it('of another provider behind an address are exchanged, and a service account is taken on', async () => {
    const credentials = {
      ...federation,
      service_account_impersonation_url:
        'https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/a:generateAccessToken',
      service_account_impersonation: { token_lifetime_seconds: 600 },
      credential_source: {
        url: 'http://169.254.169.254/metadata/identity/oauth2/token?resource=x',
        headers: { Metadata: 'True' },
        format: { type: 'json', subject_token_field_name: 'access_token' },
      },
    }
    const { clock, transport, signed } = stage(credentials, (asked, count) => {
      if (asked.origin.startsWith('http:')) return { body: { access_token: 'azure.jwt' } }
      return asked.origin.includes('sts')
        ? token('ya29.sts')
        : { body: { accessToken: `ya29.sa${count}`, expireTime: new Date(clock.now() + 600_000).toISOString() } }
    })
    expect(await signed()).toBe('Bearer ya29.sa3')
    expect(transport.asked[0]).toMatchObject({ method: 'GET', headers: { metadata: 'True' } })
    expect(formOf(transport.asked[1])['subject_token']).toBe('azure.jwt')
    expect(transport.asked[2]?.headers['authorization']).toBe('Bearer ya29.sts')
    expect(JSON.parse(sentText(transport.asked[2]))).toEqual({
      lifetime: '600s',
      scope: ['https://www.googleapis.com/auth/cloud-platform'],
    })
    await clock.advance(600_000)
    expect(await signed()).toBe('Bearer ya29.sa6')
  })

  it('of a service account that another takes on', async () => {
    const credentials = {
      type: 'impersonated_service_account',
      service_account_impersonation_url:
        'https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/b:generateAccessToken',
      source_credentials: account,
      delegates: [],
    }
    const { signed } = stage(credentials, (asked) =>
      asked.origin.includes('iamcredentials')
        ? {
            headers: { date: 'Thu, 15 Jan 2026 12:00:00 GMT' },
            body: { accessToken: 'ya29.b', expireTime: '2026-01-15T13:00:00Z' },
          }
        : token('ya29.source'),
    )
    expect(await signed()).toBe('Bearer ya29.b')
  })
})

describe('a machine', () => {
  it('asks its metadata server, and says what to do where there is none', async () => {
    const config = { project: 'p', location: 'global', metadata_server: 'http://metadata.test' }
    const clock = new FakeClock()
    const transport = playedTransport((asked) =>
      asked.headers['metadata-flavor'] === 'Google' ? token('ya29.machine') : { status: 403 },
    )
    expect((await vertex.open?.(config, { clock, transport })?.sign(outbound, undefined))?.headers).toEqual({
      authorization: 'Bearer ya29.machine',
    })
    expect(transport.asked[0]).toMatchObject({
      method: 'GET',
      origin: 'http://metadata.test',
      path: '/computeMetadata/v1/instance/service-accounts/default/token',
    })
    const nowhere = playedTransport(() => undefined)
    await expect(vertex.open?.(config, { clock, transport: nowhere })?.sign(outbound, undefined)).rejects.toMatchObject(
      {
        message:
          'Vertex AI: the metadata server gave no token, because metadata.test could not be reached. It exists on Google Cloud alone: elsewhere set `credentials_file`.',
      },
    )
  })
})

describe('a credential file', () => {
  const { private_key: _key, ...keyless } = account
  it.each([
    ['is not JSON', 'hello', 'is not JSON'],
    ['has no object', '[1]', 'is no credential file: it has no JSON object'],
    ['is of another kind', { type: 'gdch_service_account' }, 'has a `type` that is none of service_account'],
    ['has no key', keyless, 'lacks a usable `private_key`'],
    ['has a key in another form', { ...account, private_key: 'k3yMaterial' }, 'has a `private_key` that is no RSA'],
    [
      'names no source',
      { type: 'external_account', audience: 'a', subject_token_type: 'b', token_url: 'https://s/x' },
      'lacks a usable `credential_source`',
    ],
  ])('that %s is a problem of the configuration, and of requests', async (_what, content, words) => {
    const { config, signed } = stage(content, () => undefined)
    const [problem] = vertex.problems?.(config) ?? []
    expect(problem?.field).toBe('credentials_file')
    expect(problem?.message).toContain(words)
    await expect(signed()).rejects.toMatchObject({ code: 'provider_authentication' })
    await expect(signed()).rejects.not.toThrow('k3yMaterial')
  })

  it('that is not there is a problem too, and a right one is none', () => {
    const config = { project: 'p', location: 'global' }
    expect(vertex.problems?.({ ...config, credentials_file: join(dir, 'none') })).toEqual([
      { field: 'credentials_file', message: 'does not exist' },
    ])
    expect(vertex.problems?.({ ...config, credentials_file: fileOf(account) })).toEqual([])
  })
})
