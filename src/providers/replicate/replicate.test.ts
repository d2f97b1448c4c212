/** Replicate's service: where predictions of each kind of model are made, and whom the key may go to. */
import { describe, expect, it } from 'vitest'
import { describeProvider } from '../../kernel/testing/provider-kit.ts'
import { addressAt } from './addresses.ts'
import { replicate } from './index.ts'

const version = '5c7d5dc6dd8bf75c1acaa8565735e7986bc5b66206b55cca93cb72c9bf15ccaa'
const paths = (path: string) => ({
  'replicate-predictions': path,
  'replicate-images': path,
  'replicate-image-edits': path,
})
const signed = { headers: { authorization: 'Bearer r8_1' }, credentialHeader: 'authorization' }

describeProvider(replicate, {
  cases: [
    {
      name: 'an official model',
      config: {},
      credential: 'r8_1',
      model: 'meta/meta-llama-3-70b-instruct',
      expect: {
        baseUrl: 'https://api.replicate.com',
        paths: paths('/v1/models/meta/meta-llama-3-70b-instruct/predictions'),
        ...signed,
      },
    },
    {
      name: 'a deployment',
      config: {},
      credential: 'r8_1',
      model: 'deployments/acme/my-model',
      stream: true,
      expect: {
        baseUrl: 'https://api.replicate.com',
        paths: paths('/v1/deployments/acme/my-model/predictions'),
        ...signed,
      },
    },
    {
      name: 'a version, and an address of its own',
      config: { base_url: 'https://replicate.example/proxy/' },
      credential: 'r8_1',
      model: `acme/llama:${version}`,
      expect: { baseUrl: 'https://replicate.example/proxy', paths: paths('/v1/predictions'), ...signed },
    },
  ],
  refused: [
    { name: 'a base URL that is not http', config: { base_url: 'ftp://api.replicate.com' } },
    { name: 'a misspelt field', config: { baseurl: 'https://api.replicate.com' } },
  ],
})

it.each([
  ['meta/meta-llama-3-70b-instruct', undefined],
  ['deployments/acme/my-model', undefined],
  [version, version],
  [`acme/llama:${version}`, `acme/llama:${version}`],
])('asks for %s with the version %s', (model, expected) => {
  const asked = { model, stream: false, header: () => undefined, member: () => undefined, attemptId: 'a.0' }
  expect(replicate.offers[0]?.body?.(asked)).toEqual({ version: expected })
})

describe('an address that an answer names', () => {
  const own = 'https://api.replicate.com'

  it.each([
    ['https://api.replicate.com/v1/predictions/x', 'https://api.replicate.com', '/v1/predictions/x'],
    ['https://stream.replicate.com/v1/files/y?z=1', 'https://stream.replicate.com', '/v1/files/y?z=1'],
    ['https://replicate.com/x', 'https://replicate.com', '/x'],
  ])('is called with the key where it is the service’s: %s', (url, origin, path) => {
    expect(addressAt(url, own)).toEqual({ origin, path })
  })

  it('is called where it is at the configured origin', () => {
    expect(addressAt('http://127.0.0.1:9/v1/x', 'http://127.0.0.1:9')).toEqual({
      origin: 'http://127.0.0.1:9',
      path: '/v1/x',
    })
  })

  it.each([
    'https://replicate.com.evil.example/x',
    'https://evilreplicate.com/x',
    'https://api.replicate.com@evil.example/x',
    'https://user:secret@api.replicate.com/x',
    'http://stream.replicate.com/x',
    'https://stream.replicate.com:8443/x',
    'http://169.254.169.254/latest',
    'file:///etc/passwd',
    'nonsense',
    '',
    7,
    undefined,
  ])('is never called elsewhere: %s', (url) => {
    expect(addressAt(url, own)).toBeUndefined()
  })
})
