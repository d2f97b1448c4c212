/** ElevenLabs: speech and recordings in protocols of its own. */
import { z } from 'zod'
import { baseUrlField } from '../kernel/base-url.ts'
import { defineProvider } from '../kernel/provider.ts'
import { requireCredential, withHeaders } from '../kernel/signature.ts'

const title = 'ElevenLabs'

export const elevenlabs = defineProvider({
  id: 'elevenlabs',
  title,
  config: z.strictObject({
    base_url: baseUrlField.optional().describe('Address of the service, without the version, which is added.'),
  }),
  env: ['ELEVENLABS_API_KEY'],
  offers: [
    { operation: 'speech', dialect: 'elevenlabs-speech', verified: true, path: () => '/v1/text-to-speech' },
    { operation: 'transcribe', dialect: 'elevenlabs-transcriptions', verified: true, path: () => '/v1/speech-to-text' },
  ],
  keyUrl: 'https://elevenlabs.io/app/settings/api-keys',
  docs: [
    {
      title: 'Stream speech',
      url: 'https://elevenlabs.io/docs/api-reference/text-to-speech/stream',
      read: '2026-11-27',
    },
    {
      title: 'elevenlabs-python: text_to_speech',
      url: 'https://github.com/elevenlabs/elevenlabs-python/blob/main/src/elevenlabs/text_to_speech/raw_client.py',
      read: '2026-11-27',
    },
    {
      title: 'ElevenLabs API: Create transcript, quoted',
      url: 'https://github.com/aviz85/elevenlabs-bridge/blob/main/docs/eleven-labs-scribe.md',
      read: '2026-11-27',
    },
  ],
  baseUrl: ({ base_url: base = 'https://api.elevenlabs.io' }) => base,
  sign: (outbound, _config, credential) =>
    withHeaders(outbound, { 'xi-api-key': requireCredential(credential, title) }),
})
