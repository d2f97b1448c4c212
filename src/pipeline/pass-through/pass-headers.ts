/**
 * Which headers go along when a path is passed through. To the provider: none that authenticate, route, or choose whose account is
 * used, because all of that is the gateway's to say; none that belong to one connection. Back: none that set cookies or tell of the account.
 */

/** RFC 9110, section 7.6.1, and what proxies of old have used. */
const ofConnections = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
])

const notToProvider = new Set([
  // Who calls, beside what `authenticates` finds: the gateway signs itself.
  'x-amz-date',
  'x-amz-content-sha256',
  'cookie',
  'cookie2',
  // Whose account it is.
  'openai-organization',
  'openai-project',
  'x-goog-user-project',
  // Which request it is: method and path stand in the request line and nowhere else.
  'x-http-method-override',
  'x-http-method',
  'x-method-override',
  'x-original-url',
  'x-original-uri',
  'x-rewrite-url',
  'x-envoy-original-path',
  // What the gateway's own connection decides.
  'host',
  'content-length',
  'expect',
  'accept-encoding',
  'max-forwards',
  // Where the client is.
  'forwarded',
  'via',
  'x-real-ip',
  'true-client-ip',
  'x-client-ip',
  'cf-connecting-ip',
  // The gateway has ids of its own.
  'x-request-id',
])

/** Names of headers that services of whatever kind take keys and tokens in. */
const authenticates = /authorization|api-?key|subscription-key|(?:access|auth|id|security|session)-token/

const notToClient = new Set([
  'set-cookie',
  'set-cookie2',
  'www-authenticate',
  'alt-svc',
  'strict-transport-security',
  'openai-organization',
  'openai-project',
  'anthropic-organization-id',
  'x-request-id',
  'request-id',
])

const own = 'x-sluicegate-'

/** Names that the `connection` header lists belong to that connection as well. */
function listed(connection: string | undefined): ReadonlySet<string> {
  return new Set(connection?.split(',').map((name) => name.trim().toLowerCase()))
}

export function headersForProvider(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Record<string, string> {
  const hops = listed(textOf(headers['connection']))
  const passed: Record<string, string> = {}
  for (const [name, given] of Object.entries(headers)) {
    const value = textOf(given)
    if (value === undefined || ofConnections.has(name) || notToProvider.has(name) || hops.has(name)) continue
    if (name.startsWith(own) || name.startsWith('x-forwarded-') || authenticates.test(name)) continue
    passed[name] = value
  }
  return passed
}

/** What no header may hold: with a line break in it, it would be two. */
const forbidden = /[^\t\x20-\x7e\x80-\xff]/

export function headersForClient(
  headers: Readonly<Record<string, string>>,
  redact: (text: string) => string,
): Record<string, string> {
  const hops = listed(headers['connection'])
  const passed: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (ofConnections.has(name) || notToClient.has(name) || hops.has(name) || name.startsWith(own)) continue
    if (!forbidden.test(value)) passed[name] = redact(value)
  }
  return passed
}

/** Parameters of a query that authenticate, in the spellings of the services that take them there. */
const secretParameters = new Set(['key', 'api_key', 'api-key', 'apikey', 'access_token'])

/** The client's query without what authenticates it, and with what the base URL has of itself. Neither has its question mark. */
export function queryForProvider(query: string, ofBase: string): string {
  const given = query.split('&').filter((pair) => pair !== '' && !secretParameters.has(nameIn(pair).toLowerCase()))
  const names = new Set(given.map(nameIn))
  const added = ofBase.split('&').filter((pair) => pair !== '' && !names.has(nameIn(pair)))
  return [...given, ...added].join('&')
}

function nameIn(pair: string): string {
  return [...new URLSearchParams(pair).keys()][0] ?? ''
}

const textOf = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value.join(', ') : value
