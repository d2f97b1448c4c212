/** Deepgram: speech and recordings in protocols of its own. */
import { z } from 'zod'
import { baseUrlField } from '../kernel/base-url.ts'
import { defineProvider } from '../kernel/provider.ts'
import { requireCredential, withHeaders } from '../kernel/signature.ts'

const title = 'Deepgram'

export const deepgram = defineProvider({
  id: 'deepgram',
  title,
  config: z.strictObject({
    base_url: baseUrlField.optional().describe('Address of the service, without the version, which is added.'),
  }),
  env: ['DEEPGRAM_API_KEY'],
  offers: [
    { operation: 'speech', dialect: 'deepgram-speak', verified: true, path: () => '/v1/speak' },
    { operation: 'transcribe', dialect: 'deepgram-listen', verified: true, path: () => '/v1/listen' },
  ],
  keyUrl: 'https://console.deepgram.com',
  docs: [
    {
      title: 'Text to speech: Single Text Request',
      url: 'https://developers.deepgram.com/reference/text-to-speech/speak-request',
      read: '2026-11-27',
    },
    {
      title: 'Speech to text: Pre-Recorded Audio',
      url: 'https://developers.deepgram.com/reference/speech-to-text/listen-pre-recorded',
      read: '2026-11-27',
    },
  ],
  baseUrl: ({ base_url: base = 'https://api.deepgram.com' }) => base,
  sign: (outbound, _config, credential) =>
    withHeaders(outbound, { authorization: `Token ${requireCredential(credential, title)}` }),
})
