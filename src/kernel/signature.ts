/** The two things that nearly every provider's `sign` does: check that there is a usable credential, and put headers on the request. */
import { Fault } from '../model/fault.ts'
import type { Outbound } from './transport.ts'

/** What a key is made of, ours as well as a provider's. */
export const credentialPattern = /^[\x21-\x7e]+$/
export const unlikeCredential = 'contains spaces, line breaks or other characters that no key has'

/**
 * The credential, fit for a header. Throws a Fault that names the provider and never the credential: a line break inside it would
 * be a header injection, anything but printable ASCII a mistake in copying.
 */
export function requireCredential(credential: string | undefined, title: string): string {
  if (credential === undefined || credential === '') {
    throw new Fault('provider_authentication', `No credential is configured for ${title}.`)
  }
  if (!credentialPattern.test(credential)) {
    throw new Fault('provider_authentication', `The credential for ${title} ${unlikeCredential}.`)
  }
  return credential
}

/** The same request with these headers (lower-case names) set. */
export function withHeaders(outbound: Outbound, headers: Readonly<Record<string, string>>): Outbound {
  return {
    method: outbound.method,
    origin: outbound.origin,
    path: outbound.path,
    headers: { ...outbound.headers, ...headers },
    body: outbound.body,
  }
}
