/** The address of an Ollama server as its own variable spells it. */
import { expect, it } from 'vitest'
import { ollamaBaseUrl } from './ollama-host.ts'

it.each([
  ['http://127.0.0.1:11434', 'http://127.0.0.1:11434'],
  ['127.0.0.1', 'http://127.0.0.1:11434'],
  ['127.0.0.1:8080', 'http://127.0.0.1:8080'],
  ['gpu.local', 'http://gpu.local:11434'],
  ['gpu.local:80', 'http://gpu.local'],
  ['gpu.local/ollama/', 'http://gpu.local:11434/ollama'],
  [':5000', 'http://127.0.0.1:5000'],
  ['0.0.0.0', 'http://127.0.0.1:11434'],
  ['0.0.0.0:5000', 'http://127.0.0.1:5000'],
  ['[::]:5000', 'http://127.0.0.1:5000'],
  ['[::1]:5000', 'http://[::1]:5000'],
  ['http://gpu.local', 'http://gpu.local'],
  ['https://ollama.com/', 'https://ollama.com'],
  ['https://gpu.example:8443/api', 'https://gpu.example:8443/api'],
])('takes %s for %s', (host, url) => {
  expect(ollamaBaseUrl(host)).toBe(url)
})

it.each(['two words', 'http://', 'http://me:secret@gpu.local', 'gpu.local?x=1'])(
  'leaves %s to the complaint about it',
  (host) => {
    expect(ollamaBaseUrl(host)).toBe(host)
  },
)
