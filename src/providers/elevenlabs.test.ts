/** ElevenLabs: where it is and what it wants to be told. */
import { describeProvider } from '../kernel/testing/provider-kit.ts'
import { elevenlabs } from './elevenlabs.ts'

const paths = { 'elevenlabs-speech': '/v1/text-to-speech', 'elevenlabs-transcriptions': '/v1/speech-to-text' }

describeProvider(elevenlabs, {
  cases: [
    {
      name: 'nothing but a key',
      config: {},
      credential: 'xi-1',
      expect: {
        baseUrl: 'https://api.elevenlabs.io',
        paths,
        headers: { 'xi-api-key': 'xi-1' },
        credentialHeader: 'xi-api-key',
      },
    },
    {
      name: 'an address of its own',
      config: { base_url: 'https://speech.example/' },
      credential: 'xi-2',
      expect: {
        baseUrl: 'https://speech.example',
        paths,
        headers: { 'xi-api-key': 'xi-2' },
        credentialHeader: 'xi-api-key',
      },
    },
  ],
  refused: [{ name: 'a misspelt field', config: { baseurl: 'https://api.elevenlabs.io' } }],
})
