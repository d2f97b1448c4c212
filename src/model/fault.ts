/**
 * Everything that can go wrong on the way through the gate, as one closed catalogue. A fault has a code, an HTTP status, and a
 * message that says what to do; each dialect encodes it in its own protocol's error shape. `docs/faults.md` lists the same codes.
 */

/** `client`: the request must change. `gate`: the gateway or its limits. `provider`: the model's side. */
export type FaultSide = 'client' | 'gate' | 'provider'

interface FaultKind {
  readonly status: number
  readonly side: FaultSide
  /** Whether the same request may succeed later, or at another target. */
  readonly retryable: boolean
  /** What it means and what to do, for the documentation. */
  readonly about: string
}

const kind = (status: number, side: FaultSide, retryable: boolean, about: string): FaultKind => ({
  status,
  side,
  retryable,
  about,
})

export const faultCatalogue = {
  body_missing: kind(400, 'client', false, 'The request has no body. Send a JSON object.'),
  invalid_json: kind(400, 'client', false, 'The body is not valid JSON. The message names line and column.'),
  invalid_encoding: kind(
    400,
    'client',
    false,
    'The body is not valid UTF-8, or uses a content encoding the gateway does not read.',
  ),
  nesting_too_deep: kind(400, 'client', false, 'The JSON is nested deeper than the gateway accepts.'),
  duplicate_member: kind(
    400,
    'client',
    false,
    'A member appears twice at the top level, so two readers could see two different requests. Send it once.',
  ),
  invalid_request: kind(400, 'client', false, 'A field has the wrong type or value. The message and `param` name it.'),
  not_expressible: kind(
    400,
    'client',
    false,
    'The target cannot express something of the request, and `on_unsupported: refuse` holds, or it has no tools, or its answers cannot be held to the schema, or it makes no vectors of such an input. Remove it, or choose another model.',
  ),
  media_not_fetched: kind(
    400,
    'client',
    false,
    'The target cannot fetch URLs itself, and the gateway could not fetch this one either. The message says why; sending the content as base64 always works.',
  ),
  missing_key: kind(
    401,
    'client',
    false,
    'No API key came with the request. Send `Authorization: Bearer`, `x-api-key`, `api-key` or `x-goog-api-key`.',
  ),
  invalid_key: kind(401, 'client', false, 'The API key is not known here, or was revoked or has expired.'),
  model_not_allowed: kind(
    403,
    'client',
    false,
    'This key may not use the model. `GET /v1/models` lists what it may use.',
  ),
  admin_required: kind(
    403,
    'client',
    false,
    'The key may not manage the gateway. `admin: true` in the configuration, or `sluicegate keys create NAME --admin`, makes a key that may.',
  ),
  router_not_allowed: kind(
    403,
    'client',
    false,
    'The request brings a router of its own, which this key may not. Name a router of the configuration, or let the key: `inline_routers: true`.',
  ),
  pass_through_not_allowed: kind(
    403,
    'client',
    false,
    "This key may not use the provider's own paths, or the configuration does not let this one pass. The message says which.",
  ),
  unknown_route: kind(404, 'client', false, 'The gateway serves nothing at this path.'),
  model_not_found: kind(
    404,
    'client',
    false,
    'No model, alias or router has this name. The message names the nearest ones.',
  ),
  ambiguous_model: kind(
    400,
    'client',
    false,
    'Several providers that are configured have a model of this name. The message names them as `provider/model`: ask for one of those.',
  ),
  operation_not_supported: kind(400, 'client', false, 'The model exists but serves no such operation.'),
  outside_residency: kind(
    403,
    'client',
    false,
    'Nothing that could serve the request is within the areas or regions that it has to be processed in (`residency` of the configuration, the key or the router, or the header `x-sluicegate-residency`).',
  ),
  no_target: kind(
    400,
    'client',
    false,
    'The router leaves out all of its targets for this request: the conditions of none are met, or none is good enough. `POST /api/routes/explain` tells why.',
  ),
  previous_response_not_found: kind(
    400,
    'client',
    false,
    'No response of this id is kept for this key: it was sent with `store: false`, deleted, has expired, or is not finished. Send the whole conversation as `input` instead.',
  ),
  response_not_found: kind(404, 'client', false, 'No response of this id is kept for this key.'),
  video_not_found: kind(404, 'client', false, 'No video of this id is kept for this key.'),
  conversation_not_found: kind(404, 'client', false, 'No conversation of this id is kept for this key.'),
  item_not_found: kind(404, 'client', false, 'There is no item of this id.'),
  websocket_connection_limit_reached: kind(
    400,
    'client',
    false,
    'The WebSocket connection has lasted as long as it may (`responses.websocket.max_age`). Open a new one.',
  ),
  websocket_stream_limit_reached: kind(
    400,
    'client',
    false,
    'Too many responses are under way or waiting on this WebSocket connection. Wait for one to finish, or open another.',
  ),
  file_not_found: kind(
    404,
    'client',
    false,
    'No file of this id is kept for this key, or it was deleted or has expired.',
  ),
  fine_tuning_job_not_found: kind(404, 'client', false, 'No fine-tuning job of this id is kept for this key.'),
  file_not_available: kind(
    409,
    'client',
    false,
    'The file lies with a provider alone, which does not give it back, so it cannot be used elsewhere. Upload it again without `provider`.',
  ),
  file_too_large: kind(
    413,
    'client',
    false,
    'The file is larger than this key may upload (`files.max_file_size`, or `files` of the key), or too large for where it is to go.',
  ),
  purpose_not_allowed: kind(
    403,
    'client',
    false,
    'This key may not upload files for this purpose (`files.purposes` of the key). The message names those that it may.',
  ),
  file_quota_exceeded: kind(
    403,
    'gate',
    false,
    'The files of this key would be more, or take more room, than it may have (`files.max_files`, `files.max_bytes`, or `files` of the key). Delete some.',
  ),
  method_not_allowed: kind(
    405,
    'client',
    false,
    'The path exists, but not with this method. The `allow` header names the right ones.',
  ),
  request_timeout: kind(408, 'client', true, 'The request did not arrive in time.'),
  body_too_large: kind(
    413,
    'client',
    false,
    'The body is larger than `server.body_limit` or, with a file or passed through as it comes, than `server.upload_limit`. The message says which.',
  ),
  unsupported_media_type: kind(
    415,
    'client',
    false,
    'The body must be `application/json` or, where a file is sent, `multipart/form-data`; or the file is not what it is said to be.',
  ),
  invalid_form: kind(
    400,
    'client',
    false,
    'The form cannot be read: it is cut off, has another boundary than its content type names, or lacks its file.',
  ),
  headers_too_large: kind(431, 'client', false, 'The request headers are larger than the gateway accepts.'),
  malformed_http: kind(400, 'client', false, 'The request is not valid HTTP/1.1.'),
  rate_limited: kind(429, 'gate', true, 'The key has used up its rate limit. Wait as long as `retry-after` says.'),
  quota_exceeded: kind(429, 'gate', true, 'The key has used up its tokens for the period.'),
  budget_exceeded: kind(
    402,
    'gate',
    false,
    'The key has spent its budget, or this request could exceed what is left of it.',
  ),
  unpriced_model: kind(
    403,
    'gate',
    false,
    'The model has no known price, and the key has a budget, which could not be kept. Set `prices` for it; for what is passed through, `pass_through.price`.',
  ),
  client_gone: kind(
    499,
    'client',
    false,
    'The client closed the connection before the answer was complete. Seen in records only.',
  ),
  draining: kind(
    503,
    'gate',
    true,
    'The gateway is shutting down. Send the request again; another instance will take it.',
  ),
  overloaded: kind(
    503,
    'gate',
    true,
    'The gateway, or every target of the model (`max_concurrent`), has as many requests in flight as it accepts; or the gateway cannot keep their records because the disk takes nothing (`journal.on_full: refuse`).',
  ),
  spool_full: kind(
    503,
    'gate',
    true,
    'There is no room on the disk of the gateway for the file that was sent (`server.upload_reserve`).',
  ),
  file_store_failed: kind(
    503,
    'gate',
    true,
    'The store that the gateway keeps files in failed or could not be reached (`files.s3`). The log says why.',
  ),
  deadline_exceeded: kind(504, 'gate', true, 'The time budget of the request ran out before a provider answered.'),
  internal_error: kind(500, 'gate', true, 'A defect of the gateway. The log has the details under the request id.'),
  provider_rejected: kind(
    400,
    'provider',
    false,
    'The provider refused the request as invalid. Its own message follows.',
  ),
  provider_not_found: kind(404, 'provider', false, 'The provider does not know the model or path it was asked for.'),
  provider_authentication: kind(
    502,
    'provider',
    false,
    'The provider refused the credential that the gateway uses, or no token for it could be had: the record says why. Check `providers` in the configuration.',
  ),
  provider_billing: kind(502, 'provider', false, "The gateway's account at the provider has no credit left."),
  provider_rate_limited: kind(429, 'provider', true, 'The provider limits the rate of requests.'),
  provider_overloaded: kind(503, 'provider', true, 'The provider is overloaded.'),
  provider_error: kind(502, 'provider', true, 'The provider failed with an error of its own.'),
  provider_unreachable: kind(
    502,
    'provider',
    true,
    'No connection to the provider could be made, or it broke before an answer.',
  ),
  provider_tls: kind(502, 'provider', true, "The provider's certificate or TLS handshake was not acceptable."),
  provider_timeout: kind(504, 'provider', true, 'The provider did not begin to answer in time.'),
  provider_stalled: kind(504, 'provider', true, 'The provider stopped sending in the middle of an answer.'),
  provider_cut: kind(502, 'provider', true, 'The answer broke off before its end.'),
  provider_malformed: kind(502, 'provider', true, 'The provider answered with something that is not its protocol.'),
  invalid_structured_output: kind(
    502,
    'provider',
    false,
    'The answer is not what the JSON schema of the request asks for, and asking again did not help. The message names the place. Simplify the schema, describe its members, or choose another model.',
  ),
  provider_too_large: kind(502, 'provider', false, "The provider's answer is larger than `limits.response_bytes`."),
} as const satisfies Record<string, FaultKind>

export type FaultCode = keyof typeof faultCatalogue

export interface FaultOptions {
  /** The field at fault, in the client's spelling. */
  readonly param?: string
  /** How long to wait before trying again, in milliseconds. */
  readonly retryAfterMs?: number
  /** Overrides the catalogue's status where the provider's own is more exact. */
  readonly status?: number
  /** What the provider answered. */
  readonly upstream?: UpstreamFault
  /** Headers that the client should see with this fault, lower-case. */
  readonly headers?: Readonly<Record<string, string>>
  readonly cause?: unknown
}

export interface UpstreamFault {
  readonly provider?: string
  readonly status?: number
  /** The provider's own word for the kind of error (`overloaded_error`), and its finer code. */
  readonly type?: string
  readonly code?: string
  readonly requestId?: string
}

export class Fault extends Error {
  override readonly name = 'Fault'
  readonly code: FaultCode
  readonly status: number
  readonly param: string | undefined
  readonly retryAfterMs: number | undefined
  readonly upstream: UpstreamFault | undefined
  readonly headers: Readonly<Record<string, string>> | undefined

  constructor(code: FaultCode, message: string, options: FaultOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.status = options.status ?? faultCatalogue[code].status
    this.param = options.param
    this.retryAfterMs = options.retryAfterMs
    this.upstream = options.upstream
    this.headers = options.headers
  }

  get retryable(): boolean {
    return faultCatalogue[this.code].retryable
  }

  get side(): FaultSide {
    return faultCatalogue[this.code].side
  }
}

/** Takes what is secret out of a text. */
export type Redact = (text: string) => string

/** The fault without what is secret in its message: a provider that is misconfigured may quote the credential that it was sent. */
export function redactedFault(fault: Fault, redact: Redact): Fault {
  const message = redact(fault.message)
  if (message === fault.message) return fault
  const { code, param, retryAfterMs, status, upstream, headers } = fault
  return new Fault(code, message, {
    status,
    ...(param !== undefined && { param }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(upstream !== undefined && { upstream }),
    ...(headers !== undefined && { headers }),
    cause: fault,
  })
}

/** A fault about one field of the request: the usual result of decoding something that is not what it should be. */
export function invalidRequest(param: string, message: string): Fault {
  return new Fault('invalid_request', message, { param })
}

/** Wraps whatever was thrown; a Fault stays itself, anything else is a defect and tells the client nothing of its inside. */
export function asFault(error: unknown): Fault {
  if (error instanceof Fault) return error
  return new Fault(
    'internal_error',
    'The gateway failed to handle this request. Its log has the details under this request id.',
    { cause: error },
  )
}
