/** The bad answers of providers that the tests of faults go through, in every protocol, and what is to come of each. */
import type { FaultCode } from '../../src/model/fault.ts'
import { faultCatalogue } from '../../src/model/fault.ts'
import { json } from '../harness/upstream.ts'
import type { Answer } from '../harness/upstream.ts'
import type { Heard } from '../harness/sdk-clients.ts'
import { binary } from '../harness/wires/bedrock.ts'
import type { Frames, ProviderWire } from '../harness/wires/wire.ts'

type Bytes = string | Uint8Array

export const wholeOf = (frames: Frames): Buffer[] => [
  ...beforeEnd(frames),
  ...frames.finish,
  ...frames.usage,
  ...frames.end,
]
const beforeEnd = ({ opening, begin, pieces, close }: Frames): Buffer[] => [...opening, ...begin, ...pieces, ...close]
/** As far as a client has seen some of the answer, and of it not all. */
export const halfOf = ({ opening, begin, pieces }: Frames): Buffer[] => [...opening, ...begin, ...pieces.slice(0, 2)]

/** Each piece is sent when those before it have been taken in. */
function sending(pieces: readonly Bytes[], headers: Record<string, string>, reset = false, status = 200): Answer {
  return async (response) => {
    response.writeHead(status, headers)
    for (const piece of pieces) {
      if (piece.length > 0) response.write(piece)
      for (let turn = 0; turn < 2; turn += 1)
        await new Promise<void>((resolve) => {
          setImmediate(resolve)
        })
    }
    if (reset) response.socket?.resetAndDestroy()
    else response.end()
  }
}
export const streaming = ({ streamType }: ProviderWire, pieces: readonly Bytes[], reset = false): Answer =>
  sending(pieces, { 'content-type': streamType }, reset)

const html = '<!doctype html><html><head><title>Oops</title></head><body><h1>"error"</h1></body></html>'
const page = (status: number, contentType = 'text/html'): Answer =>
  sending([html], { 'content-type': contentType }, false, status)

/** Sends the pieces and then nothing more. */
function stalling({ streamType }: ProviderWire, sent: readonly Bytes[]): Answer {
  return (response) => {
    response.writeHead(200, { 'content-type': streamType })
    response.write(Buffer.concat(sent.map((piece) => Buffer.from(piece))))
  }
}

export type Outcome =
  | { readonly kind: 'answer'; readonly shows: Partial<Heard> }
  /** A fault that the client learns of by a status, unless there is another target. */
  | { readonly kind: 'fault'; readonly codes: readonly FaultCode[]; readonly final?: boolean; readonly status?: number }
  /** A fault in the middle of an answer. */
  | { readonly kind: 'cut'; readonly codes: readonly FaultCode[]; readonly text: string }
  /** Either of the first two. */
  | { readonly kind: 'bearable' }

export interface Case {
  readonly name: string
  readonly answer: Answer
  readonly outcome: Outcome
  /** Where the provider's bytes pass through as they are, if that is another. */
  readonly verbatim?: Outcome
  /** Asked of a provider that must not take long. */
  readonly hasty?: 'before' | 'within'
}

const shows = (text: string, more: Partial<Heard> = {}): Outcome => ({
  kind: 'answer',
  shows: { text, calls: [], input: 9, output: 5, ...more },
})
const fault = (...codes: FaultCode[]): Outcome => ({ kind: 'fault', codes })
const cut = (...codes: FaultCode[]): Outcome => ({ kind: 'cut', codes, text: 'Half of ' })
const malformed = fault('provider_malformed')
export const bearable: Outcome = { kind: 'bearable' }
const calls = (...names: string[]): Partial<Heard> => ({
  calls: names.map((name) => ({ name, arguments: { city: 'Bern' } })),
})

export const pieces = ['Half ', 'of ', 'it.']
export const whole = 'Half of it.'

export function completeCases(wire: ProviderWire): Case[] {
  const bytes = (text: string, type = 'application/json'): Answer => sending([text], { 'content-type': type })
  const answer = wire.answer(whole)
  const told = JSON.stringify(answer)
  const at = (name: string, of: Answer, outcome: Outcome, verbatim?: Outcome): Case => ({
    name,
    answer: of,
    outcome,
    ...(verbatim !== undefined && { verbatim }),
  })
  return [
    at('an answer', json(answer), shows(whole)),
    // What passes through without it some SDKs do not read.
    at(
      'an answer without usage',
      json(wire.answer(whole, false)),
      { kind: 'answer', shows: { text: whole } },
      bearable,
    ),
    at('an answer called text', bytes(told, 'text/plain'), shows(whole)),
    at('an answer without a content type', sending([told], {}), shows(whole)),
    at('a page of HTML', page(200), malformed),
    at('a page of HTML called JSON', page(200, 'application/json'), malformed),
    at('a page of HTML with 502', page(502), fault('provider_error')),
    at('a page of HTML with 404', page(404), fault('provider_not_found')),
    at('nothing', bytes(''), malformed),
    at('white space', bytes(' \n'), malformed),
    at('half an answer', bytes(told.slice(0, -9)), malformed),
    at('half an answer, then a reset', sending([told.slice(0, -9)], {}, true), fault('provider_cut')),
    at('two answers', bytes(told + told), malformed),
    ...['[]', '[1]', '"text"', 'null', '17', '{}', '[{}]'].map((text) => at(text, bytes(text), malformed)),
    ...(wire.callAnswer === undefined
      ? []
      : [
          at('a call', json(wire.callAnswer({ id: 'call_1', name: 'get_weather' })), {
            kind: 'answer',
            shows: calls('get_weather'),
          }),
          at('a call without an id', json(wire.callAnswer({ name: 'get_weather' })), bearable),
          at('a call without a name', json(wire.callAnswer({ id: 'call_1' })), bearable),
          at('a call of nothing', json(wire.callAnswer({})), bearable),
        ]),
  ]
}

export function streamCases(wire: ProviderWire): Case[] {
  const frames = wire.frames(pieces)
  const { opening, finish, usage, end } = frames
  const all = wholeOf(frames)
  const half = halfOf(frames)
  const next = frames.pieces[2] ?? Buffer.alloc(0)
  const part = next.subarray(0, Math.ceil(next.length / 2))
  const silent = wire.silence
  const binaryStream = wire.dialect === 'bedrock-converse'
  const flipped = Buffer.from(next)
  flipped.writeUInt8(flipped.readUInt8(flipped.length - 8) ^ 1, flipped.length - 8)
  const at = (name: string, sent: readonly Bytes[], outcome: Outcome, verbatim?: Outcome, reset = false): Case => ({
    name,
    answer: streaming(wire, sent, reset),
    outcome,
    ...(verbatim !== undefined && { verbatim }),
  })
  const early = fault('provider_cut', 'provider_malformed')
  const late = cut('provider_cut')
  return [
    at('an answer', all, shows(whole)),
    at('an answer in one piece', [Buffer.concat(all)], shows(whole)),
    { name: 'an answer without a content type', answer: sending(all, {}), outcome: shows(whole) },
    at('a silence around every event', [silent, ...all.flatMap((one) => [one, silent])], shows(whole)),
    at('an event that nobody knows', [...half, wire.unknown, ...all.slice(half.length)], shows(whole)),
    at(
      'an event that nobody knows at the beginning',
      [...opening, wire.unknown, ...all.slice(opening.length)],
      shows(whole),
    ),
    at('no end', all.slice(0, all.length - end.length), shows(whole)),
    at('two ends', [...all, ...end], shows(whole)),
    at('no usage', wholeOf(wire.frames(pieces, false)), { kind: 'answer', shows: { text: whole } }, bearable),
    at('the usage twice', [...beforeEnd(frames), ...finish, ...usage, ...usage, ...end], shows(whole)),
    at('the finish twice', [...beforeEnd(frames), ...finish, ...finish, ...usage, ...end], shows(whole), bearable),
    at('a reset behind the end', all, shows(whole), undefined, true),
    // Before anything of the answer.
    { name: 'a page of HTML', answer: page(200), outcome: malformed },
    { name: 'a page of HTML called a stream', answer: page(200, wire.streamType), outcome: early },
    { name: 'a page of HTML with 502', answer: page(502), outcome: fault('provider_error') },
    { name: 'a complete answer', answer: json(wire.answer(whole)), outcome: malformed },
    { name: 'nothing with 204', answer: sending([], {}, false, 204), outcome: early },
    at('nothing', [], early),
    at('nothing but silence', [silent, silent], early),
    at('an opening alone', [silent, ...opening], early),
    at('an opening, then a reset', [silent, ...opening], early, undefined, true),
    at('an opening, then no JSON', [...opening, wire.notJson], malformed),
    at('an array called a stream', ['[1,2]\n\n'], early),
    at('an error', [silent, ...opening, wire.errorFrame], fault('provider_overloaded', 'provider_error')),
    at(
      'an error together with its opening',
      [Buffer.concat([...opening, wire.errorFrame])],
      fault('provider_overloaded', 'provider_error'),
    ),
    at('half of its first event', [all[0]?.subarray(0, 20) ?? ''], early),
    // In the middle of it.
    at('an end without a finish', half, late),
    at('a reset between two events', half, late, undefined, true),
    at('a reset in an event', [...half, part], late, undefined, true),
    at('an end in an event', [...half, part], cut('provider_cut', 'provider_malformed')),
    at('no JSON', [...half, wire.notJson, ...all.slice(half.length)], cut('provider_malformed'), bearable),
    at('an error in the middle', [...half, wire.errorFrame], cut('provider_overloaded', 'provider_error')),
    at(
      'an error in the middle, then a reset',
      [...half, wire.errorFrame],
      cut('provider_overloaded', 'provider_error'),
      undefined,
      true,
    ),
    ...(binaryStream
      ? [
          at('a damaged event', [...half, flipped, ...all.slice(half.length)], cut('provider_malformed')),
          at('a damaged first event', [flipped, ...all.slice(1)], malformed),
          at('a stream event of no JSON object', [...opening, binary('contentBlockDelta', '[]')], malformed),
          at('text in between', [...half, 'HTTP/1.1 500 Oops\r\n\r\n'], cut('provider_malformed')),
          at(
            'an exception that nobody knows',
            [...half, binary('teapotException', '{}', 'exception')],
            cut('provider_error'),
          ),
        ]
      : []),
    ...(wire.callFrames === undefined
      ? []
      : [
          at('a call', wire.callFrames({ id: 'call_1', name: 'get_weather' }), {
            kind: 'answer',
            shows: calls('get_weather'),
          }),
          at('a call without an id', wire.callFrames({ name: 'get_weather' }), bearable),
          at('a call without a name', wire.callFrames({ id: 'call_1' }), bearable),
          at('a call of nothing', wire.callFrames({}), bearable),
        ]),
    ...(wire.strayDelta === undefined
      ? []
      : [
          at(
            'arguments of a call that has not begun',
            [...half, wire.strayDelta(), ...all.slice(half.length)],
            bearable,
          ),
        ]),
  ]
}

export function stallCases(wire: ProviderWire): Case[] {
  const frames = wire.frames(pieces)
  const late: Outcome = cut('provider_stalled')
  return [
    { name: 'no answer at all', answer: () => {}, outcome: fault('provider_timeout'), hasty: 'before' },
    {
      name: 'a stall behind the opening',
      answer: stalling(wire, [wire.silence, ...frames.opening]),
      outcome: fault('provider_stalled', 'provider_timeout'),
      hasty: 'before',
    },
    { name: 'a stall in the middle', answer: stalling(wire, halfOf(frames)), outcome: late, hasty: 'within' },
  ]
}

const codeOf: Readonly<Record<number, FaultCode>> = {
  400: 'provider_rejected',
  401: 'provider_authentication',
  402: 'provider_billing',
  403: 'provider_authentication',
  404: 'provider_not_found',
  408: 'provider_timeout',
  409: 'provider_rejected',
  413: 'provider_rejected',
  422: 'provider_rejected',
  429: 'provider_rate_limited',
  500: 'provider_error',
  502: 'provider_error',
  503: 'provider_overloaded',
  504: 'provider_timeout',
  529: 'provider_overloaded',
}
const ours = new Set([401, 402, 403])

export function statusCases(wire: ProviderWire): Case[] {
  return Object.entries(codeOf).map(([key, code]): Case => {
    const status = Number(key)
    const { body, headers } = wire.error(status, `The service says ${status}.`)
    const final = status === 400 || status === 413 || status === 422
    const known = code === 'provider_rejected' ? status : faultCatalogue[code].status
    const outcome = { kind: 'fault', codes: [code], final } as const
    return {
      name: `an error with ${status}`,
      answer: json(body, status, { ...headers, ...(status === 429 && { 'retry-after': '7' }) }),
      outcome: { ...outcome, status: known },
      verbatim: { ...outcome, status: ours.has(status) ? known : status },
    }
  })
}
