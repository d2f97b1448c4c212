/**
 * Whether a path stays below the base URL that it is appended to, however it is read: by servers that undo escapes once, twice or not
 * at all, that take `\` for `/`, or drop what follows a `;`. Whatever could mean two things is refused, never mended, because the
 * provider might mend it otherwise.
 */
import { Fault } from '../../model/fault.ts'

/** What RFC 3986 lets stand in a path (section 3.3), beside escapes. */
const pathCharacters = /^(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2})*$/
const queryCharacters = /^[\x21\x22\x24-\x7e]*$/
/** Escapes of escapes that are followed; nobody has a use for as many. */
const deepest = 4

function refused(why: string): Fault {
  return new Fault('invalid_request', `This path is not passed through: ${why}.`, { param: 'path' })
}

/**
 * `path` begins with a slash and has no query. Returns it with all escapes undone, for comparing alone; throws a Fault where it could
 * lead anywhere but below.
 */
export function checkedPath(path: string): string {
  if (!path.startsWith('/')) throw refused('it does not begin with a slash')
  if (!pathCharacters.test(path))
    throw refused('it has characters that no path has, or a broken escape; escape them as `%20`')
  let readable = path
  for (let depth = 0; ; depth += 1) {
    checkSegments(readable)
    const next = unescaped(readable)
    if (next === readable) return readable
    if (depth === deepest) throw refused('its escapes are escaped too often')
    readable = next
  }
}

/** A `%` that begins no escape stands for itself once the outer ones are undone. */
function unescaped(path: string): string {
  if (!/%[0-9A-Fa-f]{2}/.test(path)) return path
  try {
    return decodeURIComponent(path.replace(/%(?![0-9A-Fa-f]{2})/g, '%25'))
  } catch {
    throw refused('its escapes are not UTF-8')
  }
}

function checkSegments(path: string): void {
  if (/[\u0000-\u001f\u007f\\#?]/.test(path))
    throw refused('it has a backslash, `#`, `?` or a control character, plain or escaped')
  const segments = path.slice(1).split('/')
  for (const [index, segment] of segments.entries()) {
    const name = segment.split(';', 1)[0]?.trim() ?? ''
    if (name === '.' || name === '..') throw refused('it has a segment that leads to another one (`.` or `..`)')
    if (segment === '' && index < segments.length - 1) throw refused('it has an empty segment (`//`)')
  }
}

/** `query` has no question mark. */
export function checkedQuery(query: string): string {
  if (!queryCharacters.test(query))
    throw new Fault('invalid_request', 'The query has characters that no URL has; escape them as `%20`.', {
      param: 'query',
    })
  return query
}

/**
 * What is below the base path of what a client wrote: services' own clients are given an address with the version or without, so a
 * version that both end and begin with stands there once.
 */
export function belowBase(base: string, path: string): string {
  const version = /\/v\d+\w*$/.exec(base)?.[0]
  if (version === undefined) return path
  return path.startsWith(`${version}/`) ? path.slice(version.length) : path
}

/** A path as paths are compared: what servers commonly take for the same is the same. */
export function comparablePath(readable: string): string {
  const bare = readable.replace(/;[^/]*/g, '')
  return bare.length > 1 ? bare.replace(/\/$/, '') : bare
}
