/**
 * Which requests are for a provider's own paths: `/passthrough/{provider}/…`, and `/{provider}/…` for names that are none of the
 * gateway's own. The gateway's paths are looked at first, so the long form is the one that nothing will ever take the place of.
 */
import type { PassTarget } from '../../kernel/passage.ts'

export interface PassMatch {
  readonly target: PassTarget
  /** The client's path below the provider's name, with its leading slash. */
  readonly path: string
}

/** First segments that the gateway serves something at, and those it keeps for what it may serve one day. */
const reserved = new Set([
  'admin',
  'a2a',
  'api',
  'assets',
  'audio',
  'auth',
  'batches',
  'console',
  'debug',
  'deployments',
  'docs',
  'events',
  'files',
  'health',
  'healthz',
  'images',
  'inference',
  'keys',
  'live',
  'livez',
  'login',
  'logout',
  'mcp',
  'metrics',
  'model',
  'models',
  'oauth',
  'openapi',
  'passthrough',
  'projects',
  'ready',
  'readyz',
  'realtime',
  'sso',
  'static',
  'status',
  'ui',
  'upload',
  'usage',
  'webhooks',
  'ws',
])

/** Whether a provider of this name can be reached by it alone. Versions of APIs (`v1`, `v1beta`) are never names here. */
export function hasShortPath(provider: string): boolean {
  return !reserved.has(provider.toLowerCase()) && !/^v\d/i.test(provider)
}

/** Where clients find the provider's own paths, the shorter way where there is one. */
export function passPathOf(provider: string): string {
  return hasShortPath(provider) ? `/${provider}` : `/passthrough/${provider}`
}

const long = /^\/passthrough\/([^/]+)(\/.*)$/s
const short = /^\/([^/]+)(\/.*)$/s

/** Undefined for a path that is for no provider that passes through; `path` is as it came, escapes and all. */
export function matchPassPath(
  path: string,
  targetOf: (provider: string) => PassTarget | undefined,
): PassMatch | undefined {
  const full = long.exec(path)
  const found = full ?? short.exec(path)
  const [, provider = '', below = '/'] = found ?? []
  if (found === null || (full === null && !hasShortPath(provider))) return undefined
  const target = targetOf(provider)
  return target === undefined ? undefined : { target, path: below }
}
