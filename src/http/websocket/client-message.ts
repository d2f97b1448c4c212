/**
 * What a client may send on a WebSocket connection: `response.create`, with the body of a POST beside what belongs to the connection.
 * https://developers.openai.com/api/docs/guides/websocket-mode
 */
import { Body } from '../../kernel/body.ts'
import { invalidRequest } from '../../model/fault.ts'

export interface CreateMessage {
  /** The request as a POST would have it, streaming. */
  readonly body: Uint8Array
  /** The lane it runs in; '' for the one without a name. */
  readonly lane: string
  /** Only remember the turn. */
  readonly warmup: boolean
}

const laneName = /^[A-Za-z0-9_.-]{1,256}$/

/** Throws a Fault for anything else. */
export function readMessage(bytes: Uint8Array): CreateMessage {
  const body = new Body(bytes, (json) => json)
  const type = body.member('type')
  if (type !== 'response.create')
    throw invalidRequest('type', 'This connection takes messages of type `response.create` alone.')
  const lane = laneOf(bytes)
  const generate = body.member('generate') ?? true
  if (typeof generate !== 'boolean') throw invalidRequest('generate', 'generate must be true or false.')
  if (body.member('background') === true)
    throw invalidRequest('background', 'A WebSocket connection runs no background responses: send them by POST.')
  return {
    lane: lane ?? '',
    warmup: !generate,
    body: body.splice({
      type: undefined,
      stream_id: undefined,
      generate: undefined,
      background: undefined,
      stream: 'true',
    }),
  }
}

/** The lane that a message names, as far as it can be read at all. Throws a Fault for a name that is none. */
function laneOf(bytes: Uint8Array): string | undefined {
  const lane = new Body(bytes, (json) => json).member('stream_id')
  if (lane === undefined || lane === null) return undefined
  if (typeof lane !== 'string' || !laneName.test(lane))
    throw invalidRequest('stream_id', 'stream_id must be 1 to 256 letters, digits, `_`, `.` or `-`.')
  return lane
}
