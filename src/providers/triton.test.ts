/** Triton: its OpenAI-compatible frontend, nearby unless said otherwise. */
import { describeProvider } from '../kernel/testing/provider-kit.ts'
import { triton } from './triton.ts'

const paths = { 'openai-chat': '/chat/completions', 'openai-completions': '/completions' }

describeProvider(triton, {
  cases: [
    {
      name: 'a server nearby',
      config: {},
      expect: { baseUrl: 'http://127.0.0.1:9000/v1', paths, headers: {} },
    },
    {
      name: 'a key',
      config: { base_url: 'https://models.example/v1/' },
      credential: 'key-1',
      expect: {
        baseUrl: 'https://models.example/v1',
        paths,
        headers: { authorization: 'Bearer key-1' },
        credentialHeader: 'authorization',
      },
    },
  ],
  refused: [
    { name: 'a base URL that is not http', config: { base_url: 'grpc://127.0.0.1:8001' } },
    { name: 'a misspelt field', config: { baseurl: 'http://127.0.0.1' } },
  ],
})
