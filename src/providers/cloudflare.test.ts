/** Cloudflare Workers AI: the account in its address. */
import { describeProvider } from '../kernel/testing/provider-kit.ts'
import { cloudflare } from './cloudflare.ts'

const account = '0123456789abcdef0123456789abcdef'
const paths = {
  'openai-chat': '/chat/completions',
  'openai-responses': '/responses',
  'openai-embeddings': '/embeddings',
}
const signed = (key: string) => ({
  paths,
  headers: { authorization: `Bearer ${key}` },
  credentialHeader: 'authorization',
})

describeProvider(cloudflare, {
  cases: [
    {
      name: 'the id of an account',
      config: { account_id: account },
      credential: 'cf-1',
      model: '@cf/meta/llama-3.1-8b-instruct',
      expect: { baseUrl: `https://api.cloudflare.com/client/v4/accounts/${account}/ai/v1`, ...signed('cf-1') },
    },
    {
      name: 'a gateway of its own',
      config: { base_url: `https://gateway.ai.cloudflare.com/v1/${account}/gate/workers-ai/v1` },
      credential: 'cf-2',
      expect: {
        baseUrl: `https://gateway.ai.cloudflare.com/v1/${account}/gate/workers-ai/v1`,
        ...signed('cf-2'),
      },
    },
  ],
  refused: [
    { name: 'no account', config: {} },
    { name: 'what is no id', config: { account_id: '../../zones' } },
    { name: 'a misspelt field', config: { account_id: account, accountid: 'x' } },
  ],
})
