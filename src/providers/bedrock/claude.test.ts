/** Claude at Bedrock in its own protocol: which models, what the body has, and how its wrapped stream is unwrapped. */
import { describe, expect, it } from 'vitest'
import { writeAwsEvent } from '../../bytes/aws-event-message.ts'
import type { AwsEventHeader } from '../../bytes/aws-event-headers.ts'
import type { TransportError } from '../../kernel/transport.ts'
import { claudeOffer } from './claude.ts'

const asked = (headers: Record<string, string>) => ({
  model: 'anthropic.claude-x',
  stream: true,
  header: (name: string) => headers[name],
  member: () => undefined,
  attemptId: 'a.0',
})

describe('a request', () => {
  it.each([
    ['anthropic.claude-3-haiku-20240307-v1:0', undefined, true],
    ['eu.anthropic.claude-sonnet-4-5-20250929-v1:0', undefined, true],
    ['arn:aws:bedrock:eu-west-1::foundation-model/anthropic.claude-opus-4-1-20250805-v1:0', undefined, true],
    ['arn:aws:bedrock:eu-west-1:1:application-inference-profile/abc', 'anthropic-messages', true],
    ['arn:aws:bedrock:eu-west-1:1:application-inference-profile/abc', undefined, false],
    ['amazon.nova-pro-v1:0', undefined, false],
  ])('to %s (protocol %s) can be made: %s', (model, protocol, can) => {
    expect(claudeOffer.serves?.(model, protocol)).toBe(can)
  })

  it('has version and betas in its body, and neither model nor stream', () => {
    expect(claudeOffer.body?.(asked({ 'anthropic-beta': 'context-1m-2025-08-07, other' }))).toEqual({
      anthropic_version: 'bedrock-2023-05-31',
      anthropic_beta: ['context-1m-2025-08-07', 'other'],
      model: undefined,
      stream: undefined,
    })
    expect(claudeOffer.body?.(asked({}))).not.toHaveProperty('anthropic_beta')
  })
})

const text = (value: string): AwsEventHeader => ({ type: 'string', value })
const wire = (headers: Record<string, string>, json: unknown): Uint8Array =>
  writeAwsEvent({
    headers: new Map(Object.entries(headers).map(([name, value]) => [name, text(value)])),
    payload: Buffer.from(JSON.stringify(json)),
  })
const chunk = (json: unknown): Uint8Array =>
  wire(
    { ':event-type': 'chunk', ':content-type': 'application/json', ':message-type': 'event' },
    { bytes: Buffer.from(JSON.stringify(json)).toString('base64'), p: 'abcdefgh' },
  )

/** What the inner handler hears of an answer that comes in these pieces. */
function heard(pieces: readonly Uint8Array[], contentType = 'application/vnd.amazon.eventstream', status = 200) {
  const log: { head?: [number, string | undefined]; text: string; ended: boolean; error?: TransportError } = {
    text: '',
    ended: false,
  }
  const handler = claudeOffer.receive?.(
    {
      onHead: (code, headers) => void (log.head = [code, headers['content-type']]),
      onData: (data) => void (log.text += Buffer.from(data).toString()),
      onEnd: () => void (log.ended = true),
      onError: (error) => void (log.error = error),
    },
    true,
  )
  handler?.onHead(status, { 'content-type': contentType })
  for (const piece of pieces) handler?.onData(piece)
  handler?.onEnd()
  return log
}

const start = { type: 'message_start', message: { id: 'msg_1', content: [] } }
const stop = { type: 'message_stop', 'amazon-bedrock-invocationMetrics': { inputTokenCount: 1 } }
const events = `event: message_start\ndata: ${JSON.stringify(start)}\n\nevent: message_stop\ndata: ${JSON.stringify(stop)}\n\n`
const stream = Buffer.concat([chunk(start), chunk(stop)])

describe('a stream', () => {
  it('becomes Anthropic’s events, byte for byte what was inside, wherever it is cut', () => {
    expect(heard([stream])).toEqual({ head: [200, 'text/event-stream'], text: events, ended: true })
    for (let at = 1; at < stream.length; at += 1)
      expect(heard([stream.subarray(0, at), stream.subarray(at)]).text).toBe(events)
  })

  it.each([
    ['throttlingException', 'rate_limit_error'],
    ['modelStreamErrorException', 'api_error'],
    ['serviceUnavailableException', 'overloaded_error'],
    ['validationException', 'invalid_request_error'],
  ])('with a %s tells an %s', (kind, type) => {
    const exception = wire({ ':exception-type': kind, ':message-type': 'exception' }, { message: 'Slow "down".' })
    expect(heard([chunk(start), exception]).text).toContain(
      `event: error\ndata: ${JSON.stringify({ type: 'error', error: { type, message: 'Slow "down".' } })}\n\n`,
    )
  })

  it('that breaks off, or is none, is an error of the connection', () => {
    expect(heard([stream.subarray(0, stream.length - 3)]).error?.failure).toBe('reset')
    const damaged = Buffer.from(stream)
    damaged.writeUInt8(damaged.readUInt8(40) ^ 1, 40)
    const result = heard([damaged])
    expect(result.error?.failure).toBe('malformed')
    expect(result.ended).toBe(false)
  })

  it('is left alone where it is not one of AWS, such as a complete answer or an error', () => {
    expect(heard([Buffer.from('{"message":"no"}')], 'application/json', 403)).toEqual({
      head: [403, 'application/json'],
      text: '{"message":"no"}',
      ended: true,
    })
  })
})
