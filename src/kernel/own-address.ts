/** Addresses that a service names in its answers: the key goes along to them, so it must never reach a host that is not the service's. */

export interface OwnAddress {
  readonly origin: string
  readonly path: string
}

/** Undefined for an address that is neither at `origin` nor at the service's domain, or below it, by HTTPS. */
export function ownAddress(url: unknown, origin: string, domain: string): OwnAddress | undefined {
  if (typeof url !== 'string' || !URL.canParse(url)) return undefined
  const { origin: named, protocol, hostname, port, username, password, pathname, search } = new URL(url)
  if (username !== '' || password !== '') return undefined
  const own = protocol === 'https:' && port === '' && (hostname === domain || hostname.endsWith(`.${domain}`))
  return named === origin || own ? { origin: named, path: pathname + search } : undefined
}
