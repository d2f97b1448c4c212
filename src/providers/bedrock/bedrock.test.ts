/** Bedrock's service: where it is, how models stand in its paths, and both ways to be let in. */
import { describe, expect, it } from 'vitest'
import { describeProvider } from '../../kernel/testing/provider-kit.ts'
import { FakeClock } from '../../kernel/testing/fake-clock.ts'
import { playedTransport } from '../../kernel/testing/played-transport.ts'
import { bedrock } from './index.ts'

const access = {
  region: 'eu-central-1',
  access_key_id: 'AKIDEXAMPLE',
  secret_access_key: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
}
const baseUrl = 'https://bedrock-runtime.eu-central-1.amazonaws.com'
const claude = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0'
const profile = 'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc'
const scope = 'Credential=AKIDEXAMPLE/20260102/eu-central-1/bedrock/aws4_request'

const invokedPlainly = [
  'titan-embed',
  'cohere-embed',
  'cohere-rerank',
  'titan-image',
  'titan-image-edit',
  'titan-image-vary',
  'bedrock-stability',
  'bedrock-stability-edit',
]
const invoked = (headers: Record<string, string>, ofPlain = headers) => {
  const messages = { ...headers, accept: 'application/json' }
  const all = { ...ofPlain, accept: 'application/json' }
  return { 'anthropic-messages': messages, ...Object.fromEntries(invokedPlainly.map((id) => [id, all])) }
}
/** Of what answers at once whatever is asked. */
const plain = (model: string) => Object.fromEntries(invokedPlainly.map((id) => [id, `/model/${model}/invoke`]))

// Signatures as AWS's own signer for JavaScript makes them of the same requests.
describeProvider(bedrock, {
  context: () => ({
    clock: new FakeClock(Date.UTC(2026, 0, 2, 3, 4, 5)),
    transport: playedTransport(() => undefined),
  }),
  cases: [
    {
      name: 'an API key',
      config: { region: 'us-east-1' },
      credential: 'bedrock-api-key-1',
      expect: {
        baseUrl: 'https://bedrock-runtime.us-east-1.amazonaws.com',
        paths: {
          'bedrock-converse': '/model/a-model/converse',
          'anthropic-messages': '/model/a-model/invoke',
          ...plain('a-model'),
        },
        headers: { authorization: 'Bearer bedrock-api-key-1' },
        headersOf: invoked({ authorization: 'Bearer bedrock-api-key-1' }),
        credentialHeader: 'authorization',
      },
    },
    {
      name: 'an API key beside an access key, and an address of its own',
      config: { ...access, base_url: 'https://vpce-1.bedrock-runtime.eu-central-1.vpce.amazonaws.com/' },
      credential: 'bedrock-api-key-2',
      stream: true,
      expect: {
        baseUrl: 'https://vpce-1.bedrock-runtime.eu-central-1.vpce.amazonaws.com',
        paths: {
          'bedrock-converse': '/model/a-model/converse-stream',
          'anthropic-messages': '/model/a-model/invoke-with-response-stream',
          ...plain('a-model'),
        },
        headers: { authorization: 'Bearer bedrock-api-key-2' },
        headersOf: invoked({ authorization: 'Bearer bedrock-api-key-2' }),
        credentialHeader: 'authorization',
      },
    },
    {
      name: 'an access key',
      config: access,
      model: claude,
      expect: {
        baseUrl,
        paths: {
          'bedrock-converse': '/model/us.anthropic.claude-sonnet-4-5-20250929-v1%3A0/converse',
          'anthropic-messages': '/model/us.anthropic.claude-sonnet-4-5-20250929-v1%3A0/invoke',
          ...plain('us.anthropic.claude-sonnet-4-5-20250929-v1%3A0'),
        },
        headers: {
          'x-amz-date': '20260102T030405Z',
          authorization: `AWS4-HMAC-SHA256 ${scope}, SignedHeaders=content-type;host;x-amz-date, Signature=2126ac9da816475b595cc1c17eb204b27ff756599e3761eb07978cf4714bb946`,
        },
        headersOf: invoked({
          'x-amz-date': '20260102T030405Z',
          authorization: `AWS4-HMAC-SHA256 ${scope}, SignedHeaders=content-type;host;x-amz-date, Signature=adca12932014968401606c98412e6f7db98ac531d1ed9f1d2c12149c506f37ec`,
        }),
      },
    },
    {
      name: 'a temporary access key, and a model that is known by its ARN',
      config: { ...access, session_token: 'tok/en+1=' },
      model: profile,
      stream: true,
      expect: {
        baseUrl,
        paths: {
          'bedrock-converse':
            '/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Aapplication-inference-profile%2Fabc/converse-stream',
          'anthropic-messages':
            '/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Aapplication-inference-profile%2Fabc/invoke-with-response-stream',
          ...plain(encodeURIComponent(profile)),
        },
        headers: {
          'x-amz-date': '20260102T030405Z',
          'x-amz-security-token': 'tok/en+1=',
          authorization: `AWS4-HMAC-SHA256 ${scope}, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, Signature=1976edfd6c29f5f4220cdba7e1dc295fb61882315c95a7227bf2e09a98dd5808`,
        },
        headersOf: invoked(
          {
            'x-amz-date': '20260102T030405Z',
            'x-amz-security-token': 'tok/en+1=',
            authorization: `AWS4-HMAC-SHA256 ${scope}, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, Signature=892576f857fcd0f749d5330920015da1b54364d1bea16774ad4d2563222d9759`,
          },
          {
            'x-amz-date': '20260102T030405Z',
            'x-amz-security-token': 'tok/en+1=',
            authorization: `AWS4-HMAC-SHA256 ${scope}, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, Signature=9baf1672fe6f99473aebecc0cd9b7fd2a1e2ba026d1904620b0f054b5910af39`,
          },
        ),
      },
    },
  ],
  refused: [
    { name: 'no region', config: {} },
    { name: 'what is no region', config: { region: 'us-east-1.evil.example/' } },
    { name: 'an access key without its secret', config: { region: 'us-east-1', access_key_id: 'AKID' } },
    { name: 'a secret without its access key', config: { region: 'us-east-1', secret_access_key: 's' } },
    { name: 'a session token alone', config: { region: 'us-east-1', session_token: 't' } },
    { name: 'a key with a line break', config: { ...access, secret_access_key: 'a\nb' } },
    {
      name: 'an access key without a region',
      config: { ...access, region: undefined, base_url: 'https://a.example' },
    },
    { name: 'a misspelt field', config: { region: 'us-east-1', accesskey: 'a' } },
  ],
})

it.each([
  ['amazon.titan-embed-text-v2:0', ['titan-embed']],
  ['us.cohere.embed-v4:0', ['cohere-embed']],
  ['arn:aws:bedrock:us-west-2::foundation-model/cohere.rerank-v3-5:0', ['cohere-rerank']],
  ['amazon.rerank-v1:0', ['cohere-rerank']],
  ['amazon.nova-pro-v1:0', []],
])('makes vectors and ranks with %s in %j', (model, dialects) => {
  const serving = bedrock.offers.filter((offer) => offer.operation !== 'chat' && offer.serves?.(model, undefined))
  expect(serving.map(({ dialect }) => dialect)).toEqual(dialects)
})

it('needs a credential only where it has no access key', () => {
  expect(bedrock.needsCredential?.({ region: 'us-east-1' })).toBe(true)
  expect(bedrock.needsCredential?.(access)).toBe(false)
})

it('never repeats a refused key in the complaint about it', () => {
  const result = bedrock.config.safeParse({ ...access, secret_access_key: 'k3yMaterial\n' })
  expect(JSON.stringify(result.error?.issues)).not.toContain('k3yMaterial')
})

describe('where requests are processed', () => {
  it.each([
    ['anthropic.claude-3-5-sonnet-20240620-v1:0', 'eu-central-1'],
    ['eu.anthropic.claude-3-5-sonnet-20240620-v1:0', 'eu'],
    ['global.anthropic.claude-sonnet-4-20250514-v1:0', 'global'],
    ['us-gov.anthropic.claude-3-haiku-20240307-v1:0', 'us'],
    ['arn:aws:bedrock:eu-west-3:123456789012:provisioned-model/abc', 'eu-west-3'],
    ['arn:aws:bedrock:eu-west-3:123456789012:application-inference-profile/abc', undefined],
  ])('%s: %s', (model, region) => {
    expect(bedrock.regionOf?.({ region: 'eu-central-1' }, model)).toBe(region)
  })
})
