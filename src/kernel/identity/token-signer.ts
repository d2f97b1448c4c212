/** A signer whose requests carry a token in `authorization: Bearer`, or whatever else is made of it. */
import type { Signer } from '../provider.ts'
import { requireCredential, withHeaders } from '../signature.ts'
import type { Outbound } from '../transport.ts'
import type { TokenSource } from './token-source.ts'

/** `signWith` puts on the request what was leased; it is called anew for every request. */
export function leaseSigner<T>(
  source: TokenSource<T>,
  signWith: (outbound: Outbound, lease: T) => Outbound | Promise<Outbound>,
  secretsOf: (lease: T) => readonly string[],
): Signer {
  return {
    sign(outbound) {
      const lease = source.get()
      return lease instanceof Promise ? lease.then((value) => signWith(outbound, value)) : signWith(outbound, lease)
    },
    refused: () => source.doubt(),
    redact(text) {
      const lease = source.peek()
      if (lease === undefined) return text
      return secretsOf(lease).reduce((clean, secret) => clean.replaceAll(secret, '[credential]'), text)
    },
  }
}

export function bearerSigner(source: TokenSource<string>, title: string): Signer {
  return leaseSigner(
    source,
    (outbound, token) => withHeaders(outbound, { authorization: `Bearer ${requireCredential(token, title)}` }),
    (token) => [token],
  )
}
