/** OpenAI's service: where it is and what it wants to be told. */
import { expect, it } from 'vitest'
import { describeProvider } from '../kernel/testing/provider-kit.ts'
import { openai } from './openai.ts'

const paths = {
  'openai-chat': '/chat/completions',
  'openai-responses': '/responses',
  'openai-completions': '/completions',
  'openai-embeddings': '/embeddings',
  'openai-moderations': '/moderations',
  'openai-speech': '/audio/speech',
  'openai-transcriptions': '/audio/transcriptions',
  'openai-translations': '/audio/translations',
  'openai-images': '/images/generations',
  'openai-image-edits': '/images/edits',
  'openai-image-variations': '/images/variations',
  'openai-videos': '/videos',
}

describeProvider(openai, {
  cases: [
    {
      name: 'nothing but a key',
      config: {},
      credential: 'sk-test-1',
      expect: {
        baseUrl: 'https://api.openai.com/v1',
        paths,
        headers: { authorization: 'Bearer sk-test-1' },
        credentialHeader: 'authorization',
      },
    },
    {
      name: 'organization, project and an address of its own',
      config: { base_url: 'https://eu.api.openai.com/v1/', organization: 'org-1', project: 'proj_2' },
      credential: 'sk-test-2',
      expect: {
        baseUrl: 'https://eu.api.openai.com/v1',
        paths,
        headers: { authorization: 'Bearer sk-test-2', 'openai-organization': 'org-1', 'openai-project': 'proj_2' },
        credentialHeader: 'authorization',
      },
    },
  ],
  refused: [
    { name: 'a base URL that is not http', config: { base_url: 'ftp://api.openai.com' } },
    { name: 'a base URL that is no URL', config: { base_url: 'api.openai.com' } },
    { name: 'a password in the base URL', config: { base_url: 'https://me:secret@api.openai.com/v1' } },
    { name: 'a query in the base URL', config: { base_url: 'https://api.openai.com/v1?key=1' } },
    { name: 'a misspelt field', config: { organisation: 'org-1' } },
  ],
})

it('never repeats a refused base URL in the complaint about it', () => {
  const result = openai.config.safeParse({ base_url: 'https://me:secret@api.openai.com/v1' })
  expect(JSON.stringify(result.error?.issues)).not.toContain('secret')
})
