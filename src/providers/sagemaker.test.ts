/** SageMaker: the endpoint in the path, its signature, and streams of either kind out of its events. */
import { describe, expect, it } from 'vitest'
import { writeAwsEvent } from '../bytes/aws-event-message.ts'
import { FakeClock } from '../kernel/testing/fake-clock.ts'
import { playedTransport } from '../kernel/testing/played-transport.ts'
import { describeProvider } from '../kernel/testing/provider-kit.ts'
import { sagemaker } from './sagemaker.ts'

const access = {
  region: 'eu-central-1',
  access_key_id: 'AKIDEXAMPLE',
  secret_access_key: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
}

describeProvider(sagemaker, {
  context: () => ({
    clock: new FakeClock(Date.UTC(2026, 0, 2, 3, 4, 5)),
    transport: playedTransport(() => undefined),
  }),
  cases: [
    {
      name: 'an access key',
      config: access,
      model: 'my-llama',
      expect: {
        baseUrl: 'https://runtime.sagemaker.eu-central-1.amazonaws.com',
        paths: { 'openai-chat': '/endpoints/my-llama/invocations' },
        headers: {
          'x-amz-date': '20260102T030405Z',
          authorization:
            'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260102/eu-central-1/sagemaker/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=8568d82ba56d6a5babf7500419876b19e741d14af2f62159f80b758b297167b9',
        },
      },
    },
    {
      name: 'a region of China, and something in front of the service that wants a token',
      config: { ...access, region: 'cn-north-1' },
      credential: 'front-1',
      stream: true,
      expect: {
        baseUrl: 'https://runtime.sagemaker.cn-north-1.amazonaws.com.cn',
        paths: { 'openai-chat': '/endpoints/a-model/invocations-response-stream' },
        headers: { authorization: 'Bearer front-1' },
        credentialHeader: 'authorization',
      },
    },
  ],
  refused: [
    { name: 'nothing to sign with', config: { region: 'eu-west-1' } },
    { name: 'no region', config: { access_key_id: 'a', secret_access_key: 'b' } },
    { name: 'a token file without its role', config: { region: 'eu-west-1', web_identity_token_file: '/x' } },
    {
      name: 'keys from an address without TLS',
      config: { region: 'r', container_credentials_url: 'http://evil.example/' },
    },
  ],
})

const part = (payload: string): Uint8Array =>
  writeAwsEvent({
    headers: new Map([
      [':event-type', { type: 'string', value: 'PayloadPart' }],
      [':message-type', { type: 'string', value: 'event' }],
    ]),
    payload: Buffer.from(payload),
  })

function unwrapped(parts: readonly Uint8Array[]): string {
  let text = ''
  const handler = sagemaker.offers[0]?.receive?.(
    {
      onHead() {},
      onData: (data) => void (text += Buffer.from(data).toString()),
      onEnd() {},
      onError: (error) => void (text += `(${error.failure})`),
    },
    true,
  )
  handler?.onHead(200, { 'content-type': 'application/vnd.amazon.eventstream' })
  for (const one of parts) handler?.onData(one)
  handler?.onEnd()
  return text
}

describe('a stream', () => {
  const events = 'data: {"a":1}\n\ndata: {"b":"é"}\n\n'

  it('of events goes through, of lines becomes events, cut anywhere', () => {
    const lines = '{"a":1}\n{"b":"é"}'
    for (let at = 1; at < lines.length; at += 1)
      expect(unwrapped([part(lines.slice(0, at)), part(lines.slice(at))])).toBe(events)
    for (let at = 1; at < events.length; at += 1)
      expect(unwrapped([part(events.slice(0, at)), part(events.slice(at))])).toBe(events)
    expect(unwrapped([part('\n'), part('')])).toBe('')
  })

  it('that the model breaks off ends with an error', () => {
    const exception = writeAwsEvent({
      headers: new Map([
        [':exception-type', { type: 'string', value: 'ModelStreamError' }],
        [':message-type', { type: 'string', value: 'exception' }],
      ]),
      payload: Buffer.from('{"Message":"StreamBroken"}'),
    })
    expect(unwrapped([part('data: {"a":1}\n'), exception])).toBe(
      'data: {"a":1}\n\n\ndata: {"error":{"message":"StreamBroken","type":"server_error","code":"ModelStreamError"}}\n\n',
    )
  })
})

it('sends no name of the model, which is the container’s own affair', () => {
  const asked = { model: 'my-llama', stream: false, header: () => undefined, member: () => undefined, attemptId: 'a.0' }
  expect(sagemaker.offers[0]?.body?.(asked)).toEqual({ model: undefined })
})
