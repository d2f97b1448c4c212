/** Cohere's service: where it is and what it wants to be told. */
import { describeProvider } from '../kernel/testing/provider-kit.ts'
import { cohere } from './cohere.ts'

const paths = {
  'cohere-chat': '/v2/chat',
  'cohere-embed': '/v2/embed',
  'cohere-embed-v1': '/v1/embed',
  'cohere-rerank': '/v2/rerank',
  'cohere-rerank-v1': '/v1/rerank',
}

describeProvider(cohere, {
  cases: [
    {
      name: 'nothing but a key',
      config: {},
      credential: 'co-1',
      expect: {
        baseUrl: 'https://api.cohere.com',
        paths,
        headers: { authorization: 'Bearer co-1' },
        credentialHeader: 'authorization',
      },
    },
    {
      name: 'an address of its own',
      config: { base_url: 'https://cohere.example/private/' },
      credential: 'co-2',
      stream: true,
      expect: {
        baseUrl: 'https://cohere.example/private',
        paths,
        headers: { authorization: 'Bearer co-2' },
        credentialHeader: 'authorization',
      },
    },
  ],
  refused: [
    { name: 'a base URL that is not http', config: { base_url: 'ftp://api.cohere.com' } },
    { name: 'a misspelt field', config: { baseurl: 'https://api.cohere.com' } },
  ],
})
