/**
 * AWS Signature Version 4 of a request, as a pure function of it, of the key and of the time
 * (docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html).
 */
import { createHash, createHmac } from 'node:crypto'

export interface SignedRequest {
  readonly method: string
  /** Path and query as they are sent. The path is encoded once more for the signature, as every service but S3 does it. */
  readonly path: string
  /** The headers to sign, lower-case, with `host`; those of the signature itself are added. */
  readonly headers: Readonly<Record<string, string>>
  /** The body, or the hash of one that nobody holds, in hexadecimal. */
  readonly body: Uint8Array | { readonly sha256: string }
}

export interface SigningKey {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string | undefined
}

export interface SigningScope {
  readonly region: string
  readonly service: string
  /** Milliseconds since 1970. */
  readonly now: number
}

const algorithm = 'AWS4-HMAC-SHA256'

/** The headers that sign the request, to be added to it. */
export function signatureHeaders(
  request: SignedRequest,
  key: SigningKey,
  { region, service, now }: SigningScope,
): Record<string, string> {
  const time = new Date(now).toISOString().replaceAll(/[-:]|\.\d+/g, '')
  const date = time.slice(0, 8)
  const added = {
    'x-amz-date': time,
    ...(key.sessionToken !== undefined && { 'x-amz-security-token': key.sessionToken }),
  }
  const headers = { ...request.headers, ...added }
  const names = Object.keys(headers).toSorted()
  const scope = `${date}/${region}/${service}/aws4_request`
  const toSign = [algorithm, time, scope, sha256(canonicalRequest(request, headers, names, service))].join('\n')
  const signing = [date, region, service, 'aws4_request'].reduce<Buffer>(
    (secret, step) => hmac(secret, step),
    Buffer.from(`AWS4${key.secretAccessKey}`),
  )
  const signature = hmac(signing, toSign).toString('hex')
  return {
    ...added,
    authorization: `${algorithm} Credential=${key.accessKeyId}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`,
  }
}

function canonicalRequest(
  { method, path, body }: SignedRequest,
  headers: Readonly<Record<string, string>>,
  names: readonly string[],
  service: string,
): string {
  const query = path.indexOf('?')
  const bare = query === -1 ? path : path.slice(0, query)
  const lines = names.map((name) => `${name}:${(headers[name] ?? '').trim().replaceAll(/ +/g, ' ')}\n`)
  return [
    method,
    service === 's3' ? bare : encoded(bare),
    query === -1 ? '' : canonicalQuery(path.slice(query + 1)),
    lines.join(''),
    names.join(';'),
    'sha256' in body ? body.sha256 : sha256(body),
  ].join('\n')
}

/** Every byte but the unreserved ones and the slashes between segments. */
function encoded(path: string): string {
  return path.split('/').map(escaped).join('/')
}

function escaped(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

/** By name, then by value; a parameter without a value has an empty one. */
function canonicalQuery(query: string): string {
  return query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => (pair.includes('=') ? pair : `${pair}=`))
    .toSorted()
    .join('&')
}

export const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex')

const hmac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()
