/**
 * Where predictions of a model are made, and which of the addresses that Replicate names may be called: the key goes along, so it must
 * never reach a host that is not the service's.
 */
import { ownAddress } from '../../kernel/own-address.ts'
import type { OwnAddress } from '../../kernel/own-address.ts'
import { pathStep } from '../../kernel/path-step.ts'

/** `owner/name` is an official model, `deployments/owner/name` a deployment; anything else is a version. */
export function predictionsPath(model: string): string {
  const steps = model.split('/')
  const [owner = '', name = ''] = steps.slice(-2).map(pathStep)
  if (steps.length === 3 && steps[0] === 'deployments') return `/v1/deployments/${owner}/${name}/predictions`
  return isVersion(model) ? '/v1/predictions' : `/v1/models/${owner}/${name}/predictions`
}

/** `owner/name:version`, or the version's id alone. */
export function isVersion(model: string): boolean {
  return model.includes(':') || !model.includes('/')
}

/** Undefined for an address that is neither at `origin` nor at one of Replicate's own hosts. */
export const addressAt = (url: unknown, origin: string): OwnAddress | undefined =>
  ownAddress(url, origin, 'replicate.com')
