/** Deepgram: where it is and what it wants to be told. */
import { describeProvider } from '../kernel/testing/provider-kit.ts'
import { deepgram } from './deepgram.ts'

const paths = { 'deepgram-speak': '/v1/speak', 'deepgram-listen': '/v1/listen' }

describeProvider(deepgram, {
  cases: [
    {
      name: 'nothing but a key',
      config: {},
      credential: 'dg-1',
      expect: {
        baseUrl: 'https://api.deepgram.com',
        paths,
        headers: { authorization: 'Token dg-1' },
        credentialHeader: 'authorization',
      },
    },
    {
      name: 'an address of its own',
      config: { base_url: 'https://speech.example/' },
      credential: 'dg-2',
      expect: {
        baseUrl: 'https://speech.example',
        paths,
        headers: { authorization: 'Token dg-2' },
        credentialHeader: 'authorization',
      },
    },
  ],
  refused: [{ name: 'a misspelt field', config: { baseurl: 'https://api.deepgram.com' } }],
})
