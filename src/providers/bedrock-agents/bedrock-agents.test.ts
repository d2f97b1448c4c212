/** Bedrock's agent runtime: its addresses, sessions and signatures, and complete answers out of its events. */
import { describe, expect, it } from 'vitest'
import type { AwsEventHeader } from '../../bytes/aws-event-headers.ts'
import { writeAwsEvent } from '../../bytes/aws-event-message.ts'
import { FakeClock } from '../../kernel/testing/fake-clock.ts'
import { playedTransport } from '../../kernel/testing/played-transport.ts'
import { describeProvider } from '../../kernel/testing/provider-kit.ts'
import type { TransportError } from '../../kernel/transport.ts'
import { completeEvents } from './complete-events.ts'
import { bedrockAgents } from './index.ts'

const access = {
  region: 'eu-central-1',
  access_key_id: 'AKIDEXAMPLE',
  secret_access_key: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
}
const scope = 'Credential=AKIDEXAMPLE/20260102/eu-central-1/bedrock/aws4_request'
const agent = 'agent/AGENT12345/TSTALIASID'

// Signatures as AWS's own signer for JavaScript makes them of the same requests.
const signed = (signature: string) => ({
  'x-amz-date': '20260102T030405Z',
  authorization: `AWS4-HMAC-SHA256 ${scope}, SignedHeaders=content-type;host;x-amz-date, Signature=${signature}`,
})

describeProvider(bedrockAgents, {
  context: () => ({
    clock: new FakeClock(Date.UTC(2026, 0, 2, 3, 4, 5)),
    transport: playedTransport(() => undefined),
  }),
  cases: [
    {
      name: 'an access key',
      config: access,
      model: agent,
      expect: {
        baseUrl: 'https://bedrock-agent-runtime.eu-central-1.amazonaws.com',
        paths: {
          'bedrock-agent': '/agents/AGENT12345/agentAliases/TSTALIASID/sessions/new/text',
          'bedrock-knowledge-base': '/retrieveAndGenerate',
          'bedrock-retrieve': '/knowledgebases/agent%2FAGENT12345%2FTSTALIASID/retrieve',
        },
        headers: {},
        headersOf: {
          'bedrock-agent': signed('6db6b5279177200b884fe6498c1250742fa12d7878fd415aec5640f6b5843ae5'),
          'bedrock-retrieve': signed('70b5be528ba50e6c05160df62de45b65de66568154b3a5c00bc568501d1651e0'),
          'bedrock-knowledge-base': signed('fdcb5139224df05fc6a7dd1a691c245edc961d16cca3df7f79e3294b17e98aea'),
        },
      },
    },
    {
      name: 'a region of China, and something in front of the service that wants a token',
      config: { ...access, region: 'cn-north-1' },
      credential: 'front-1',
      model: agent,
      stream: true,
      expect: {
        baseUrl: 'https://bedrock-agent-runtime.cn-north-1.amazonaws.com.cn',
        paths: {
          'bedrock-agent': '/agents/AGENT12345/agentAliases/TSTALIASID/sessions/new/text',
          'bedrock-knowledge-base': '/retrieveAndGenerateStream',
          'bedrock-retrieve': '/knowledgebases/agent%2FAGENT12345%2FTSTALIASID/retrieve',
        },
        headers: { authorization: 'Bearer front-1' },
        credentialHeader: 'authorization',
      },
    },
  ],
  refused: [
    { name: 'nothing to sign with', config: { region: 'eu-west-1' } },
    { name: 'no region', config: { access_key_id: 'a', secret_access_key: 'b' } },
    { name: 'a misspelt field', config: { ...access, baseurl: 'https://a.example' } },
  ],
})

describe('an agent', () => {
  const [offer] = bedrockAgents.offers
  const asked = (sessionId?: string) => ({
    model: agent,
    stream: false,
    header: () => undefined,
    member: (name: string) => (name === 'sessionId' ? sessionId : undefined),
    attemptId: '01ABC.0',
  })

  it('goes on with the session that the client names, and else has one for each attempt', () => {
    expect(offer?.path(agent, false, asked('chat 42'))).toContain('/sessions/chat%2042/text')
    expect(offer?.path(agent, false, asked())).toContain('/sessions/01ABC.0/text')
    expect(offer?.body?.(asked('chat'))).toEqual({ sessionId: undefined })
  })
})

it.each([
  ['agent/A/B', ['bedrock-agent']],
  ['knowledge-base/KB/anthropic.claude-3-haiku-20240307-v1:0', ['bedrock-knowledge-base']],
  ['knowledge-base/KB/arn:aws:bedrock:us-east-1:1:inference-profile/us.x', ['bedrock-knowledge-base']],
  ['agent/A', []],
  ['agent/A/B/C', []],
  ['knowledge-base/KB', ['bedrock-retrieve']],
  ['anthropic.claude-3-haiku-20240307-v1:0', []],
])('serves %s in %j', (model, dialects) => {
  const serving = bedrockAgents.offers.filter((offer) => offer.serves?.(model, undefined) !== false)
  expect(serving.map(({ dialect }) => dialect)).toEqual(dialects)
})

const text = (value: string): AwsEventHeader => ({ type: 'string', value })
const wire = (headers: Record<string, string>, json: unknown): Uint8Array =>
  writeAwsEvent({
    headers: new Map(Object.entries(headers).map(([name, value]) => [name, text(value)])),
    payload: Buffer.from(JSON.stringify(json)),
  })
const event = (type: string, json: unknown) => wire({ ':event-type': type, ':message-type': 'event' }, json)

/** What the inner handler hears of an answer that comes in these pieces. */
function heard(pieces: readonly Uint8Array[], headers: Record<string, string> = {}, status = 200) {
  const log: {
    status?: number
    headers?: Record<string, string>
    text: string
    ended: boolean
    error?: TransportError
  } = {
    text: '',
    ended: false,
  }
  const handler = completeEvents({
    onHead: (code, given) => void ((log.status = code), (log.headers = given)),
    onData: (data) => void (log.text += Buffer.from(data).toString()),
    onEnd: () => void (log.ended = true),
    onError: (error) => void (log.error = error),
  })
  handler.onHead(status, { 'content-type': 'application/vnd.amazon.eventstream', ...headers })
  for (const piece of pieces) handler.onData(piece)
  handler.onEnd()
  return log
}

describe('a complete answer', () => {
  const stream = Buffer.concat([event('trace', { a: 1 }), event('chunk', { bytes: 'SGk=' })])

  it('has its events in a list and the session beside them, wherever the stream is cut', () => {
    const expected = { sessionId: 's-1', completion: [{ trace: { a: 1 } }, { chunk: { bytes: 'SGk=' } }] }
    for (let at = 0; at <= stream.length; at += 1) {
      const log = heard([stream.subarray(0, at), stream.subarray(at)], { 'x-amz-bedrock-agent-session-id': 's-1' })
      expect(log).toMatchObject({ status: 200, headers: { 'content-type': 'application/json' }, ended: true })
      expect(JSON.parse(log.text)).toEqual(expected)
    }
  })

  it('is the error that came among its events', () => {
    const exception = wire(
      { ':exception-type': 'throttlingException', ':message-type': 'exception' },
      { message: 'Slow.' },
    )
    expect(heard([event('chunk', { bytes: 'SGk=' }), exception, event('chunk', {})])).toEqual({
      status: 429,
      headers: { 'content-type': 'application/json', 'x-amzn-errortype': 'ThrottlingException' },
      text: '{"message":"Slow."}',
      ended: true,
    })
    const error = wire({ ':error-code': 'internalFailure', ':error-message': 'Oh "no".', ':message-type': 'error' }, {})
    expect(heard([error])).toMatchObject({ status: 500, text: '{"message":"Oh \\"no\\"."}' })
  })

  it('that breaks off, or is none, is an error of the connection', () => {
    expect(heard([stream.subarray(0, -3)]).error?.failure).toBe('reset')
    expect(heard([Buffer.from('<html>no such thing</html>')]).error?.failure).toBe('malformed')
  })

  it('is left alone where it is no stream of events', () => {
    expect(heard([Buffer.from('{"message":"no"}')], { 'content-type': 'application/json' }, 403)).toMatchObject({
      status: 403,
      text: '{"message":"no"}',
      ended: true,
    })
  })
})
