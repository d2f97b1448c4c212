/** Google Cloud’s services for sound: where they are and what they want to be told. */
import { describeProvider } from '../kernel/testing/provider-kit.ts'
import { googleCloudSpeech } from './google-cloud-speech.ts'

const paths = { 'google-synthesize': '/v1/text:synthesize', 'google-recognize-v1': '/v1/speech:recognize' }

describeProvider(googleCloudSpeech, {
  cases: [
    {
      name: 'nothing but a key',
      config: {},
      credential: 'AIza-1',
      expect: {
        baseUrl: 'https://texttospeech.googleapis.com',
        paths,
        headers: { 'x-goog-api-key': 'AIza-1' },
        credentialHeader: 'x-goog-api-key',
      },
    },
    {
      name: 'an address of its own',
      config: { base_url: 'https://speech.example/' },
      credential: 'AIza-2',
      expect: {
        baseUrl: 'https://speech.example',
        paths,
        headers: { 'x-goog-api-key': 'AIza-2' },
        credentialHeader: 'x-goog-api-key',
      },
    },
  ],
  refused: [{ name: 'a misspelt field', config: { baseurl: 'https://texttospeech.googleapis.com' } }],
})
