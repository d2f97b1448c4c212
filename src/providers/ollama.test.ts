/** Ollama at home and in its cloud: where its protocols are, what it wants to be told, and where it costs nothing. */
import { expect, it } from 'vitest'
import { describeProvider } from '../kernel/testing/provider-kit.ts'
import { ollama } from './ollama.ts'

const paths = {
  'ollama-chat': '/api/chat',
  'ollama-generate': '/api/generate',
  'openai-chat': '/v1/chat/completions',
  'openai-completions': '/v1/completions',
  'ollama-embed': '/api/embed',
}

describeProvider(ollama, {
  cases: [
    {
      name: 'nothing at all',
      config: {},
      expect: { baseUrl: 'http://127.0.0.1:11434', paths, headers: {} },
    },
    {
      name: 'a key for its cloud',
      config: { base_url: 'https://ollama.com' },
      credential: 'key-1',
      expect: {
        baseUrl: 'https://ollama.com',
        paths,
        headers: { authorization: 'Bearer key-1' },
        credentialHeader: 'authorization',
      },
    },
    {
      name: 'the path of one of its protocols in the address',
      config: { base_url: 'http://gpu.local:11434/v1/' },
      expect: { baseUrl: 'http://gpu.local:11434', paths, headers: {} },
    },
    {
      name: 'a path of its own before them',
      config: { base_url: 'https://gpu.example/ollama/api' },
      expect: { baseUrl: 'https://gpu.example/ollama', paths, headers: {} },
    },
  ],
  refused: [
    { name: 'a base URL that is no URL', config: { base_url: '127.0.0.1:11434' } },
    { name: 'a misspelt field', config: { host: 'http://127.0.0.1:11434' } },
  ],
})

it.each<[string | undefined, boolean]>([
  [undefined, true],
  ['http://gpu.local:11434', true],
  ['https://notollama.com', true],
  ['https://ollama.com', false],
  ['https://eu.ollama.com/v1', false],
])('at %s costs nothing: %s', (base, free) => {
  expect(ollama.free?.(ollama.config.parse({ base_url: base }))).toBe(free)
})
