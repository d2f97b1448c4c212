/**
 * Counting a request's input tokens without running it. Google takes the conversation alone, or all of a request to generate content
 * under `generateContentRequest`, which names its model once more. https://ai.google.dev/api/tokens
 */
import type { Dialect, EncodeContext, Encoded, RequestAddress, RequestHead } from '../../kernel/dialect.ts'
import type { Body } from '../../kernel/body.ts'
import { wrongType } from '../../kernel/codec/member-reader.ts'
import type { ChatRequest } from '../../model/chat.ts'
import { Fault } from '../../model/fault.ts'
import type { JsonObject } from '../../model/json.ts'
import { isJsonObject, unknownMembers } from '../../model/json.ts'
import type { Loss } from '../../model/loss.ts'
import { reportForeignExtra } from '../../model/loss.ts'
import type { TokenCount } from '../../model/token-count.ts'
import { dialectId, isOwn, ownForm } from './dialect-id.ts'
import { decodeGoogleFault, googleErrorIn, googleFaultCodec } from '../../kernel/codec/google-errors.ts'
import { readHead } from './head.ts'
import { MemberReader, MemberWriter } from './members.ts'
import { decodeRequest } from './request-decode.ts'
import { encodeRequest } from './request-encode.ts'
import { asProviders, malformed } from './response.ts'
import { sealedMark } from './signatures.ts'

const wrappers = ['generateContentRequest', 'generate_content_request'] as const

function wrapperIn(json: JsonObject): (typeof wrappers)[number] | undefined {
  return wrappers.find((key) => isJsonObject(json[key]))
}

function decodeCountRequest(json: unknown, address?: RequestAddress): ChatRequest {
  if (!isJsonObject(json)) throw wrongType('body', 'a JSON object', json)
  const wrapper = wrapperIn(json)
  if (wrapper === undefined) return decodeRequest(json, address)
  const request = decodeRequest(json[wrapper], address)
  const beside = unknownMembers(json, new Set([wrapper]))
  const note: JsonObject = { ...request.form?.[dialectId], wrapper, ...(beside !== undefined && { beside }) }
  return { ...request, form: { [dialectId]: note } }
}

function encodeCountRequest(request: ChatRequest, context: EncodeContext): Encoded {
  const { wrapper, beside } = ownForm(request) ?? {}
  // Settings do not change what the model reads.
  const counted: ChatRequest = isOwn(request)
    ? request
    : {
        model: request.model,
        stream: false,
        messages: request.messages,
        ...(request.tools !== undefined && { tools: request.tools }),
        ...(request.extra !== undefined && { extra: request.extra }),
      }
  const { json, lost } = encodeRequest(counted, context)
  const body = isJsonObject(json) ? json : {}
  if (typeof wrapper === 'string')
    return { json: { ...(isJsonObject(beside) && beside), [wrapper]: { ...body, model: pathOf(context.model) } }, lost }
  // Instructions and tools count only within a whole request.
  const bare = isOwn(request) || Object.keys(body).every((key) => key === 'contents')
  return { json: bare ? body : { [wrappers[0]]: { model: pathOf(context.model), ...body } }, lost }
}

const pathOf = (model: string): string => (model.includes('/') ? model : `models/${model}`)

function decodeCount(json: unknown): TokenCount {
  const error = googleErrorIn(json)
  if (error !== undefined) throw decodeGoogleFault(undefined, error)
  return asProviders(() => {
    if (!isJsonObject(json)) throw malformed('the count is not a JSON object.')
    const reader = new MemberReader(json, '')
    const inputTokens = reader.integer('totalTokens', 0)
    if (inputTokens === undefined) throw malformed('the count has no `totalTokens`.')
    return { inputTokens, ...reader.node() }
  })
}

function encodeCount(count: TokenCount): Encoded {
  const lost: Loss[] = []
  reportForeignExtra(count, dialectId, '', lost)
  const writer = new MemberWriter(count)
  writer.set('totalTokens', count.inputTokens)
  return { json: writer.finish(), lost }
}

/** Settings do not matter to a count, and a wrapped conversation is looked at when it is decoded. */
function readCountHead(body: Body<ChatRequest>, address?: RequestAddress): RequestHead {
  const spans = body.spans()
  const [duplicate] = spans.duplicates
  if (duplicate !== undefined)
    throw new Fault(
      'duplicate_member',
      `\`${duplicate}\` appears twice at the top level of the request: send it once.`,
      {
        param: duplicate,
      },
    )
  const { model, stream } = wrappers.some((key) => spans.get(key) !== undefined)
    ? { model: address?.model ?? '', stream: false }
    : readHead(body, address)
  return { model, stream }
}

export const geminiCountTokens: Dialect<ChatRequest, TokenCount, never> = {
  id: 'gemini-count-tokens',
  operation: 'count-tokens',
  mediaMarks: ['"inlineData', '"inline_data', '"fileData', '"file_data'],
  turns: 'contents',
  requestHeaders: [],
  addressed: true,
  head: readCountHead,
  // A wrapped request repeats the model's name, which may be another here than at the provider.
  mustTranslate: (body) => body.mentions([sealedMark, ...wrappers.map((key) => `"${key}"`)]),
  request: { decode: decodeCountRequest, encode: encodeCountRequest },
  response: { decode: decodeCount, encode: encodeCount },
  fault: googleFaultCodec,
  // Counting uses nothing: there are no facts to meter, but an answer of another kind is refused.
  facts: (body: Body<TokenCount>) => {
    asProviders(() => body.read())
    return {}
  },
}
