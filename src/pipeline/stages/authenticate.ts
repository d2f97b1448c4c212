/** Who is calling: the key from one of the places where clients put it, checked before anything of the body is read. */
import type { Exchange } from '../../kernel/exchange.ts'
import type { Stage } from '../../kernel/stage.ts'
import { Fault } from '../../model/fault.ts'
import type { Key } from '../../model/key.ts'

export interface Keys {
  /** The living key of this secret; throws a Fault that says what is wrong with it otherwise. */
  identify(secret: string): Key
}

export function authenticate(keys: Keys, required: () => boolean): Stage {
  return {
    name: 'authenticate',
    run(exchange, next) {
      const secret = presentedSecret(exchange)
      if (secret !== undefined) exchange.key = keys.identify(secret)
      else if (required()) throw missingKey()
      return next()
    },
  }
}

export function missingKey(): Fault {
  return new Fault(
    'missing_key',
    'No API key came with the request: send it as `Authorization: Bearer <key>`, `x-api-key`, `api-key` or `x-goog-api-key`.',
    {
      headers: { 'www-authenticate': 'Bearer' },
    },
  )
}

/** Besides `authorization`: Anthropic's, Azure's and Google's clients each have one of their own. */
const keyHeaders = ['x-api-key', 'api-key', 'x-goog-api-key'] as const
const bearer = /^bearer +(\S+) *$/i

export function presentedSecret(exchange: Pick<Exchange, 'header' | 'urlKey'>): string | undefined {
  const authorization = exchange.header('authorization')
  if (authorization !== undefined) {
    const token = bearer.exec(authorization)?.[1]
    if (token !== undefined) return token
  }
  // Clients that were given no key send an empty one.
  for (const name of keyHeaders) {
    const secret = exchange.header(name)
    if (secret !== undefined && secret !== '') return secret
  }
  return exchange.urlKey === '' ? undefined : exchange.urlKey
}
