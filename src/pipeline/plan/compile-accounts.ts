/** Makes the accounts of a configured provider: who keeps files for the gateway, and tunes models. */
import { createHash } from 'node:crypto'
import type { ProviderSettings } from '../../config/types.ts'
import type { Deployment } from '../../kernel/deployment.ts'
import type { Provider } from '../../kernel/provider.ts'
import type { ProviderAccount } from '../../kernel/provider-account.ts'
import type { DeploymentContext } from './compile-deployment.ts'

/** `variants`: the provider's deployments of no model, one for each credential. None where it keeps nothing. */
export function compileAccounts(
  driver: Provider,
  settings: ProviderSettings,
  variants: readonly Deployment[],
  context: Pick<DeploymentContext, 'dialect'>,
): readonly ProviderAccount[] {
  const { name, options, credentials, protocol } = settings
  const files = driver.files?.(options)
  const fineTuning = driver.fineTuning?.(options)
  const adviser = driver.adviser?.(options)
  if (files === undefined && fineTuning === undefined && adviser === undefined) return []
  const base = new URL(driver.baseUrl(options))
  const offers = driver.offersOf?.(options) ?? driver.offers
  const { fault } = context.dialect(protocol ?? offers[0]?.dialect ?? 'openai-chat')
  return variants.map((deployment, index) => ({
    provider: name,
    account: createHash('sha256')
      .update(JSON.stringify([base.origin, credentials[index] ?? '']))
      .digest('hex')
      .slice(0, 16),
    deployment,
    origin: base.origin,
    prefix: base.pathname.replace(/\/$/, ''),
    search: base.search,
    ...(files !== undefined && { files }),
    ...(fineTuning !== undefined && { fineTuning }),
    ...(adviser !== undefined && { adviser }),
    fault,
    free: driver.free?.(options) === true,
  }))
}
