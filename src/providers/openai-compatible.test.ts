/** OpenAI-compatible servers: how their address is completed and in which header their key goes. */
import { describeProvider } from '../kernel/testing/provider-kit.ts'
import { openaiCompatible } from './openai-compatible.ts'

const paths = {
  'openai-chat': '/chat/completions',
  'openai-completions': '/completions',
  'openai-embeddings': '/embeddings',
  'openai-speech': '/audio/speech',
  'openai-transcriptions': '/audio/transcriptions',
  'openai-translations': '/audio/translations',
  'openai-images': '/images/generations',
  'openai-image-edits': '/images/edits',
  'openai-image-variations': '/images/variations',
  'openai-videos': '/videos',
  'cohere-rerank-v1': '/rerank',
  'openai-moderations': '/moderations',
}

describeProvider(openaiCompatible, {
  cases: [
    {
      name: 'a bare origin and no key',
      config: { base_url: 'http://localhost:8000/' },
      expect: { baseUrl: 'http://localhost:8000/v1', paths, headers: {} },
    },
    {
      name: 'a path of its own and a key',
      config: { base_url: 'https://api.example.com/openai/v2' },
      credential: 'sk-c-1',
      expect: {
        baseUrl: 'https://api.example.com/openai/v2',
        paths,
        headers: { authorization: 'Bearer sk-c-1' },
        credentialHeader: 'authorization',
      },
    },
    {
      name: 'a key in api-key',
      config: { base_url: 'https://api.example.com/v1', auth: 'api-key' },
      credential: 'sk-c-2',
      expect: {
        baseUrl: 'https://api.example.com/v1',
        paths,
        headers: { 'api-key': 'sk-c-2' },
        credentialHeader: 'api-key',
      },
    },
    {
      name: 'a key in x-api-key',
      config: { base_url: 'https://api.example.com/v1', auth: 'x-api-key' },
      credential: 'sk-c-3',
      expect: {
        baseUrl: 'https://api.example.com/v1',
        paths,
        headers: { 'x-api-key': 'sk-c-3' },
        credentialHeader: 'x-api-key',
      },
    },
    {
      name: 'a key that is not to be sent',
      config: { base_url: 'https://api.example.com/v1', auth: 'none' },
      credential: 'sk-c-4',
      expect: { baseUrl: 'https://api.example.com/v1', paths, headers: {} },
    },
  ],
  refused: [
    { name: 'no base URL', config: {} },
    { name: 'an unknown auth style', config: { base_url: 'http://localhost', auth: 'basic' } },
  ],
})
