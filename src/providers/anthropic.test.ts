/** Anthropic's service: where it is, what it wants to be told, and how long its models' answers can be. */
import { expect, it } from 'vitest'
import { describeProvider } from '../kernel/testing/provider-kit.ts'
import { anthropic } from './anthropic.ts'

const paths = { 'anthropic-messages': '/messages', 'anthropic-count-tokens': '/messages/count_tokens' }
const signed = (key: string) => ({
  paths,
  headers: { 'x-api-key': key, 'anthropic-version': '2023-06-01' },
  credentialHeader: 'x-api-key',
})

describeProvider(anthropic, {
  cases: [
    {
      name: 'nothing but a key',
      config: {},
      credential: 'sk-ant-1',
      expect: { baseUrl: 'https://api.anthropic.com/v1', ...signed('sk-ant-1') },
    },
    {
      name: 'a base URL without /v1',
      config: { base_url: 'https://gateway.example/anthropic/' },
      credential: 'sk-ant-2',
      expect: { baseUrl: 'https://gateway.example/anthropic/v1', ...signed('sk-ant-2') },
    },
    {
      name: 'a base URL with /v1',
      config: { base_url: 'https://api.anthropic.com/v1' },
      credential: 'sk-ant-3',
      expect: { baseUrl: 'https://api.anthropic.com/v1', ...signed('sk-ant-3') },
    },
    {
      name: "the client's own version and beta headers",
      config: {},
      credential: 'sk-ant-4',
      headers: { 'anthropic-version': '2024-01-01', 'anthropic-beta': 'files-api-2025-04-14' },
      expect: {
        baseUrl: 'https://api.anthropic.com/v1',
        paths,
        headers: { 'x-api-key': 'sk-ant-4', 'anthropic-version': '2024-01-01' },
        credentialHeader: 'x-api-key',
      },
    },
  ],
  refused: [
    { name: 'a base URL that is not http', config: { base_url: 'file:///etc/passwd' } },
    { name: 'a misspelt field', config: { baseurl: 'https://api.anthropic.com' } },
  ],
})

it.each([
  ['claude-3-haiku-20240307', 4096],
  ['claude-3-5-sonnet-20241022', 8192],
  ['claude-3-7-sonnet-latest', 64_000],
  ['claude-opus-4-20250514', 32_000],
  ['claude-opus-4-1', 32_000],
  ['claude-opus-4-1-20250805', 32_000],
  ['claude-sonnet-4-20250514', 64_000],
  ['claude-sonnet-4-0', 64_000],
  ['claude-haiku-4-5-20251001', 64_000],
  ['claude-opus-4-5', 64_000],
  ['claude-sonnet-4-6', 128_000],
  ['claude-opus-4-8', 128_000],
  ['claude-opus-5', 128_000],
  ['claude-haiku-5-5', 128_000],
  ['claude-fable-5-2', 128_000],
])('knows that %s can write %i tokens', (model, tokens) => {
  expect(anthropic.limits?.(model)).toEqual({ maxOutput: tokens })
})

it.each(['claude-opus-9', 'claude-opus-4-10', 'gpt-4o', '', 'claude-sonnet-50'])(
  'does not guess the limit of %j',
  (model) => {
    expect(anthropic.limits?.(model)).toEqual({})
  },
)
