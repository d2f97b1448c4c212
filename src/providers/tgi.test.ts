/** Text Generation Inference: an address that is completed, and a token where one is wanted. */
import { describeProvider } from '../kernel/testing/provider-kit.ts'
import { tgi } from './tgi.ts'

const paths = { 'openai-chat': '/chat/completions', 'openai-completions': '/completions' }

describeProvider(tgi, {
  cases: [
    {
      name: 'a server nearby',
      config: { base_url: 'http://127.0.0.1:8080' },
      expect: { baseUrl: 'http://127.0.0.1:8080/v1', paths, headers: {} },
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
