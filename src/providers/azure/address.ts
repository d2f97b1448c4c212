/** Where a resource of Azure is: by its name, or by an address copied from the portal with or without the path of an API. */
import { z } from 'zod'
import { baseUrlField } from '../../kernel/base-url.ts'
import type { ProviderConfig } from '../../kernel/provider.ts'
import type { EntraConfig } from './entra.ts'

export interface AzureAddress extends ProviderConfig {
  readonly resource?: string | undefined
  readonly api_version?: string | undefined
}

export type AzureConfig = AzureAddress & EntraConfig

export const addressFields = {
  base_url: baseUrlField
    .optional()
    .describe('Endpoint of the resource, such as `https://NAME.openai.azure.com`, instead of its name.'),
  resource: z
    .string()
    .regex(/^[A-Za-z0-9-]+$/, { error: 'is not the name of a resource' })
    .optional()
    .describe('Name of the resource.'),
  api_version: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}(-preview)?$/, { error: 'is not a version such as 2024-10-21' })
    .optional()
    .describe(
      'Version of the older API to speak, such as `2024-10-21`. If not given, the v1 API, which has no versions.',
    ),
}

export function checkAddress(address: AzureAddress, complain: (field: string, message: string) => void): void {
  if (address.base_url === undefined && address.resource === undefined)
    complain('resource', 'must be set, or `base_url`: every resource has an address of its own')
  if (address.base_url !== undefined && address.resource !== undefined)
    complain('resource', 'cannot be set with base_url: it is one or the other')
}

/** Without the path of an API, which every offer has in its own path. */
export function endpointOf({ base_url: base, resource = '' }: AzureAddress, domain: string): string {
  return (base ?? `https://${resource}.${domain}`).replace(/\/(?:openai(?:\/v1)?|anthropic(?:\/v1)?|models)$/, '')
}
