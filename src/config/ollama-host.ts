/**
 * `OLLAMA_HOST` as a base URL. Ollama itself and its clients read the same variable: an address without scheme or port, or only a
 * port, is completed, and what a server listens on everywhere is reached here. https://docs.ollama.com/faq
 */

const usualPort = '11434'
const scheme = /^[a-z][a-z0-9+.-]*:\/\//i
/** Addresses to listen on, not to call. */
const everywhere: ReadonlySet<string> = new Set(['0.0.0.0', '[::]'])

/** What is no address at all is given back as it is, for the schema to say what is wrong with it. */
export function ollamaBaseUrl(host: string): string {
  const bare = !scheme.test(host)
  const text = bare ? `http://${host.startsWith(':') ? '127.0.0.1' : ''}${host}` : host
  if (!URL.canParse(text)) return host
  const url = new URL(text)
  const hostname = everywhere.has(url.hostname) ? '127.0.0.1' : url.hostname
  if (hostname === '' || url.username !== '' || url.search !== '') return host
  // A port that is the scheme's own is not told by URLs.
  const told = url.port !== '' || /:\d+(?:\/|$)/.test(text.replace(scheme, ''))
  const port = url.port === '' ? (bare && !told ? `:${usualPort}` : '') : `:${url.port}`
  return `${url.protocol}//${hostname}${port}${url.pathname.replace(/\/+$/, '')}`
}
