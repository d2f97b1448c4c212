/**
 * Azure AI Content Safety, which judges texts by four kinds of harm ("QuickStart: Analyze text content",
 * learn.microsoft.com/en-us/azure/ai-services/content-safety/quickstart-text; read 2026-11). It knows no models: any name will do.
 */
import { z } from 'zod'
import { baseUrlField } from '../../kernel/base-url.ts'
import { defineProvider } from '../../kernel/provider.ts'
import { requireCredential, withHeaders } from '../../kernel/signature.ts'
import { checkAddress, endpointOf } from './address.ts'
import type { AzureConfig } from './address.ts'
import { checkEntra, entraEnv, entraFields, entraProblems, entraSigner, hasEntraIdentity } from './entra.ts'

const title = 'Azure AI Content Safety'
const usualVersion = '2024-09-01'

export const azureContentSafety = defineProvider<AzureConfig>({
  id: 'azure-content-safety',
  title,
  config: z
    .strictObject({
      base_url: baseUrlField
        .optional()
        .describe('Endpoint of the resource, such as `https://NAME.cognitiveservices.azure.com`, instead of its name.'),
      resource: z
        .string()
        .regex(/^[A-Za-z0-9-]+$/, { error: 'is not the name of a resource' })
        .optional()
        .describe('Name of the resource.'),
      ...entraFields,
    })
    .superRefine((fields, context) => {
      const complain = (field: string, message: string): void =>
        context.addIssue({ code: 'custom', path: [field], message })
      checkAddress(fields, complain)
      checkEntra(fields, complain)
    }),
  keyUrl: 'https://portal.azure.com',
  docs: [
    {
      title: 'QuickStart: Analyze text content',
      url: 'https://learn.microsoft.com/en-us/azure/ai-services/content-safety/quickstart-text',
      read: '2026-11-27',
    },
  ],
  env: ['CONTENT_SAFETY_KEY'],
  fieldEnv: [{ base_url: ['CONTENT_SAFETY_ENDPOINT'] }, ...entraEnv],
  needsCredential: (config) => !hasEntraIdentity(config),
  optIn: true,
  offers: [
    {
      operation: 'moderate',
      dialect: 'azure-content-safety',
      verified: true,
      maxInputs: 1,
      path: () => `/contentsafety/text:analyze?api-version=${usualVersion}`,
    },
  ],
  baseUrl: (config) => endpointOf(config, 'cognitiveservices.azure.com'),
  sign: (outbound, _config, credential) =>
    withHeaders(outbound, { 'ocp-apim-subscription-key': requireCredential(credential, title) }),
  open: (config, context) =>
    entraSigner(config, { title, scope: 'https://cognitiveservices.azure.com/.default' }, context),
  problems: entraProblems,
  models: ['text'],
})
