/** Perspective: where it is and how it is signed. */
import { describeProvider } from '../kernel/testing/provider-kit.ts'
import { perspective } from './perspective.ts'

describeProvider(perspective, {
  cases: [
    {
      name: 'a key',
      config: {},
      credential: 'AIza-1',
      expect: {
        baseUrl: 'https://commentanalyzer.googleapis.com',
        paths: { perspective: '/v1alpha1/comments:analyze' },
        headers: { 'x-goog-api-key': 'AIza-1' },
        credentialHeader: 'x-goog-api-key',
      },
    },
  ],
  refused: [{ name: 'a misspelt field', config: { url: 'x' } }],
})
