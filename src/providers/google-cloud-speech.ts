/**
 * Google Cloud's services for sound, reached with an API key: Text-to-Speech, and the first version of Speech-to-Text, since the second takes
 * no such keys. With the identities of the cloud both are served by `vertex`.
 */
import { z } from 'zod'
import { baseUrlField } from '../kernel/base-url.ts'
import { defineProvider } from '../kernel/provider.ts'
import { requireCredential, withHeaders } from '../kernel/signature.ts'

const title = 'Google Cloud Speech'

export const googleCloudSpeech = defineProvider({
  id: 'google-cloud-speech',
  title,
  config: z.strictObject({
    base_url: baseUrlField
      .optional()
      .describe('Address of both services, without the version, where it is not those of the two.'),
  }),
  env: ['GOOGLE_CLOUD_API_KEY'],
  optIn: true,
  offers: [
    { operation: 'speech', dialect: 'google-synthesize', verified: true, path: () => '/v1/text:synthesize' },
    {
      operation: 'transcribe',
      dialect: 'google-recognize-v1',
      verified: true,
      address: ({ base_url: base = 'https://speech.googleapis.com' }) => base,
      path: () => '/v1/speech:recognize',
    },
  ],
  keyUrl: 'https://console.cloud.google.com/apis/credentials',
  docs: [
    {
      title: 'Text-to-Speech: text.synthesize',
      url: 'https://cloud.google.com/text-to-speech/docs/reference/rest/v1/text/synthesize',
      read: '2026-11-27',
    },
    {
      title: 'Speech-to-Text: speech.recognize',
      url: 'https://docs.cloud.google.com/speech-to-text/docs/reference/rest/v1/speech/recognize',
      read: '2026-11-27',
    },
  ],
  baseUrl: ({ base_url: base = 'https://texttospeech.googleapis.com' }) => base,
  sign: (outbound, _config, credential) =>
    withHeaders(outbound, { 'x-goog-api-key': requireCredential(credential, title) }),
})
