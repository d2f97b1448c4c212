/** Signatures of AWS's published test suite for Signature Version 4, and of a path as Bedrock's are. */
import { describe, expect, it } from 'vitest'
import { signatureHeaders } from './sigv4.ts'
import type { SignedRequest } from './sigv4.ts'

const key = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
const scope = { region: 'us-east-1', service: 'service', now: Date.UTC(2015, 7, 30, 12, 36) }
const host = 'example.amazonaws.com'

interface Vector extends Partial<SignedRequest> {
  readonly signed: string
  readonly signature: string
  readonly sessionToken?: string
}

/** By the names of the suite. */
const suite: Readonly<Record<string, Vector>> = {
  'get-vanilla': {
    signed: 'host;x-amz-date',
    signature: '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
  },
  'get-vanilla-query-order-key-case': {
    path: '/?Param2=value2&Param1=value1',
    signed: 'host;x-amz-date',
    signature: 'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
  },
  'get-utf8': {
    path: '/\u1234',
    signed: 'host;x-amz-date',
    signature: '8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85',
  },
  'get-space': {
    path: '/example space/',
    signed: 'host;x-amz-date',
    signature: '652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741',
  },
  'get-header-value-trim': {
    headers: { host, 'my-header1': ' value1', 'my-header2': ' "a   b   c"' },
    signed: 'host;my-header1;my-header2;x-amz-date',
    signature: 'acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736',
  },
  'get-header-key-duplicate': {
    headers: { host, 'my-header1': 'value2,value2,value1' },
    signed: 'host;my-header1;x-amz-date',
    signature: 'c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea',
  },
  'get-vanilla-with-session-token': {
    sessionToken: '6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267',
    signed: 'host;x-amz-date;x-amz-security-token',
    signature: '07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8',
  },
  'post-vanilla': {
    method: 'POST',
    signed: 'host;x-amz-date',
    signature: '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
  },
  'post-vanilla-query': {
    method: 'POST',
    path: '/?Param1=value1',
    signed: 'host;x-amz-date',
    signature: '28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11',
  },
  'post-x-www-form-urlencoded': {
    method: 'POST',
    headers: {
      host,
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': '13',
      'x-amz-content-sha256': '9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e',
    },
    body: Buffer.from('Param1=value1'),
    signed: 'content-length;content-type;host;x-amz-content-sha256;x-amz-date',
    signature: 'd3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b',
  },
}

describe('Signature Version 4', () => {
  it.each(Object.entries(suite))('signs as the published suite does: %s', (_name, vector) => {
    const { signed, signature, sessionToken, method = 'GET', path = '/', headers = { host } } = vector
    const body = vector.body ?? new Uint8Array(0)
    expect(signatureHeaders({ method, path, headers, body }, { ...key, sessionToken }, scope)).toEqual({
      'x-amz-date': '20150830T123600Z',
      ...(sessionToken !== undefined && { 'x-amz-security-token': sessionToken }),
      authorization: `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=${signed}, Signature=${signature}`,
    })
  })

  it('takes any time, and parameters without a value', () => {
    const signed = (path: string): string | undefined =>
      signatureHeaders({ method: 'GET', path, headers: { host }, body: new Uint8Array(0) }, key, {
        ...scope,
        now: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
      })['authorization']
    expect(signed('/?a')).toBe(signed('/?a='))
    expect(signed('/')).toContain('/20260102/')
  })
})
