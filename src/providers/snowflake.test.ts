/** Snowflake Cortex: the account in its host name, and two protocols. */
import { expect, it } from 'vitest'
import { describeProvider } from '../kernel/testing/provider-kit.ts'
import { snowflake } from './snowflake.ts'

const paths = {
  'openai-chat': '/api/v2/cortex/v1/chat/completions',
  'anthropic-messages': '/api/v2/cortex/v1/messages',
}
const signed = (key: string) => ({
  paths,
  headers: { authorization: `Bearer ${key}` },
  headersOf: { 'anthropic-messages': { authorization: `Bearer ${key}`, 'anthropic-version': '2023-06-01' } },
  credentialHeader: 'authorization',
})

describeProvider(snowflake, {
  cases: [
    {
      name: 'the identifier of an account',
      config: { account: 'MYORG-my_account' },
      credential: 'pat-1',
      expect: { baseUrl: 'https://myorg-my-account.snowflakecomputing.com', ...signed('pat-1') },
    },
    {
      name: 'an address as OpenAI’s SDKs want it',
      config: { base_url: 'https://x.privatelink.snowflakecomputing.com/api/v2/cortex/v1' },
      credential: 'pat-2',
      expect: { baseUrl: 'https://x.privatelink.snowflakecomputing.com', ...signed('pat-2') },
    },
  ],
  refused: [
    { name: 'no account', config: {} },
    { name: 'an address for an account', config: { account: 'evil.example/x' } },
  ],
})

it('speaks Anthropic’s protocol of Claude alone', () => {
  const messages = snowflake.offers.find(({ dialect }) => dialect === 'anthropic-messages')
  expect(messages?.serves?.('claude-sonnet-4-5', undefined)).toBe(true)
  expect(messages?.serves?.('mistral-large2', undefined)).toBe(false)
})
