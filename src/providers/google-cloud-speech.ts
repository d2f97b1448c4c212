/**
 * Google Cloud's services for sound, reached with an API key: Text-to-Speech, and the first version of Speech-to-Text, since the second takes
 * no such keys. With the identities of the cloud both are served by `vertex`.
 */
import { z } from 'zod'
import { baseUrlField } from '../kernel/base-url.ts'
import { defineProvider } from '../kernel/provider.ts'
import type { AskedFor } from '../kernel/provider.ts'
import { requireCredential, withHeaders } from '../kernel/signature.ts'
import { isJsonObject } from '../model/json.ts'

const title = 'Google Cloud Speech'

/** "MP3 encoding is a Beta feature and only available in v1p1beta1", as the reference of `AudioEncoding` has it. */
function readsOf(asked: AskedFor | undefined): 'v1' | 'v1p1beta1' {
  const config = asked?.member('config')
  return isJsonObject(config) && config['encoding'] === 'MP3' ? 'v1p1beta1' : 'v1'
}

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
      path: (_model, _stream, asked) => `/${readsOf(asked)}/speech:recognize`,
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
      title: 'google.cloud.speech.v1',
      url: 'https://github.com/googleapis/googleapis/blob/master/google/cloud/speech/v1/cloud_speech.proto',
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
