/** Azure AI Content Safety: where it is and how it is signed. */
import { describeProvider } from '../../kernel/testing/provider-kit.ts'
import { azureContentSafety } from './content-safety.ts'

const paths = { 'azure-content-safety': '/contentsafety/text:analyze?api-version=2024-09-01' }

describeProvider(azureContentSafety, {
  cases: [
    {
      name: 'the name of a resource',
      config: { resource: 'contoso' },
      credential: 'key-1',
      expect: {
        baseUrl: 'https://contoso.cognitiveservices.azure.com',
        paths,
        headers: { 'ocp-apim-subscription-key': 'key-1' },
        credentialHeader: 'ocp-apim-subscription-key',
      },
    },
    {
      name: 'an address',
      config: { base_url: 'https://safety.example/' },
      credential: 'key-2',
      expect: {
        baseUrl: 'https://safety.example',
        paths,
        headers: { 'ocp-apim-subscription-key': 'key-2' },
        credentialHeader: 'ocp-apim-subscription-key',
      },
    },
  ],
  refused: [
    { name: 'no address', config: {} },
    { name: 'an incomplete identity', config: { resource: 'contoso', tenant_id: 't', client_secret: 's' } },
    { name: 'a misspelt field', config: { resource: 'contoso', key: 'k' } },
  ],
})
