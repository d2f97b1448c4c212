/**
 * Where predictions of a model are made, and which of the addresses that Replicate names may be called: the key goes along, so it must
 * never reach a host that is not the service's.
 */

/** `owner/name` is an official model, `deployments/owner/name` a deployment; anything else is a version. */
export function predictionsPath(model: string): string {
  const steps = model.split('/')
  const [owner = '', name = ''] = steps.slice(-2).map(encodeURIComponent)
  if (steps.length === 3 && steps[0] === 'deployments') return `/v1/deployments/${owner}/${name}/predictions`
  return isVersion(model) ? '/v1/predictions' : `/v1/models/${owner}/${name}/predictions`
}

/** `owner/name:version`, or the version's id alone. */
export function isVersion(model: string): boolean {
  return model.includes(':') || !model.includes('/')
}

export interface Address {
  readonly origin: string
  readonly path: string
}

/** Undefined for an address that is neither at `origin` nor at one of Replicate's own hosts. */
export function addressAt(url: unknown, origin: string): Address | undefined {
  if (typeof url !== 'string' || !URL.canParse(url)) return undefined
  const { origin: named, protocol, hostname, port, username, password, pathname, search } = new URL(url)
  if (username !== '' || password !== '') return undefined
  const own =
    protocol === 'https:' && port === '' && (hostname === 'replicate.com' || hostname.endsWith('.replicate.com'))
  return named === origin || own ? { origin: named, path: pathname + search } : undefined
}
