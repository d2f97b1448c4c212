/** Triton's own HTTP frontend: nearby unless said otherwise, the model in the path. */
import { describeProvider } from '../kernel/testing/provider-kit.ts'
import { tritonKserve } from './triton-kserve.ts'

describeProvider(tritonKserve, {
  cases: [
    {
      name: 'a server nearby',
      config: {},
      model: 'my model',
      expect: {
        baseUrl: 'http://127.0.0.1:8000',
        paths: { 'triton-generate': '/v2/models/my%20model/generate' },
        headers: {},
      },
    },
    {
      name: 'a key',
      config: { base_url: 'https://models.example/triton/' },
      credential: 'key-1',
      stream: true,
      expect: {
        baseUrl: 'https://models.example/triton',
        paths: { 'triton-generate': '/v2/models/a-model/generate_stream' },
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
