/** Anthropic-compatible servers: how their address is completed and in which header their key goes. */
import { describeProvider } from '../kernel/testing/provider-kit.ts'
import { anthropicCompatible } from './anthropic-compatible.ts'

const paths = { 'anthropic-messages': '/messages', 'anthropic-count-tokens': '/messages/count_tokens' }
const version = { 'anthropic-version': '2023-06-01' }

describeProvider(anthropicCompatible, {
  cases: [
    {
      name: 'a bare origin and no key',
      config: { base_url: 'http://localhost:9000' },
      expect: { baseUrl: 'http://localhost:9000/v1', paths, headers: version },
    },
    {
      name: 'a path of its own and a key',
      config: { base_url: 'https://api.example.com/anthropic' },
      credential: 'sk-d-1',
      expect: {
        baseUrl: 'https://api.example.com/anthropic/v1',
        paths,
        headers: { ...version, 'x-api-key': 'sk-d-1' },
        credentialHeader: 'x-api-key',
      },
    },
    {
      name: 'a bearer token',
      config: { base_url: 'https://api.example.com/v1', auth: 'bearer' },
      credential: 'sk-d-2',
      expect: {
        baseUrl: 'https://api.example.com/v1',
        paths,
        headers: { ...version, authorization: 'Bearer sk-d-2' },
        credentialHeader: 'authorization',
      },
    },
    {
      name: 'a key that is not to be sent',
      config: { base_url: 'https://api.example.com/v1', auth: 'none' },
      credential: 'sk-d-3',
      expect: { baseUrl: 'https://api.example.com/v1', paths, headers: version },
    },
  ],
  refused: [
    { name: 'no base URL', config: {} },
    { name: 'an unknown auth style', config: { base_url: 'http://localhost', auth: 'api-key' } },
  ],
})
