/** Requests to rank documents, both ways, in whatever names the protocol has. */
import type { Body } from '../../body.ts'
import type { EncodeContext, Encoded, RequestAddress, RequestHead } from '../../dialect.ts'
import { Fault, invalidRequest } from '../../../model/fault.ts'
import type { JsonValue } from '../../../model/json.ts'
import { isJsonObject } from '../../../model/json.ts'
import { drop, joinPath, reportForeignExtra } from '../../../model/loss.ts'
import type { Loss } from '../../../model/loss.ts'
import type { RerankDocument, RerankRequest } from '../../../model/rerank.ts'
import { MemberReader, wrongType } from '../member-reader.ts'
import { MemberWriter } from '../member-writer.ts'
import { headModel, requestSpans, requireList } from '../request-head.ts'
import type { RerankWire } from './rerank-wire.ts'

/** A search is a question with so many documents at most, and a document of so many tokens counts as one: https://cohere.com/pricing */
const documentsPerSearch = 100
const tokensPerDocument = 500
/** Fewer than any text has, so that a document never counts for less than it is. */
const bytesPerToken = 2

export function readHead(wire: RerankWire, body: Body<RerankRequest>, address?: RequestAddress): RequestHead {
  const spans = requestSpans(body)
  const model = wire.request.model === undefined ? (address?.model ?? '') : headModel(spans)
  requireList(body, wire.request.documents, 'document')
  const pieces = spans.entries(wire.request.documents) + body.length / (tokensPerDocument * bytesPerToken)
  return { model, stream: false, units: { searches: Math.ceil(pieces / documentsPerSearch) } }
}

export function decodeRequest(wire: RerankWire, json: unknown, address?: RequestAddress): RerankRequest {
  if (!isJsonObject(json)) throw wrongType('body', 'a JSON object', json)
  const names = wire.request
  const reader = new MemberReader(wire.id, json, '')
  const model = names.model === undefined ? (address?.model ?? '') : reader.requiredString(names.model)
  if (model === '' && names.model !== undefined)
    throw invalidRequest(names.model, `\`${names.model}\` is empty: name the model to use.`)
  const query = reader.requiredString('query')
  const documents = (reader.list(names.documents) ?? []).map((item, index) =>
    readDocument(wire.id, item, joinPath(names.documents, index), names.objects),
  )
  if (documents.length === 0)
    throw invalidRequest(names.documents, `\`${names.documents}\` is empty: send at least one.`)
  const topN = names.topN === undefined ? undefined : reader.integer(names.topN, 1)
  const returnDocuments = names.returnDocuments === undefined ? undefined : reader.boolean(names.returnDocuments)
  const maxTokensPerDocument =
    names.maxTokensPerDocument === undefined ? undefined : reader.integer(names.maxTokensPerDocument, 1)
  return {
    model,
    query,
    documents,
    ...(topN !== undefined && { topN }),
    ...(returnDocuments !== undefined && { returnDocuments }),
    ...(maxTokensPerDocument !== undefined && { maxTokensPerDocument }),
    ...reader.node(),
  }
}

/** A text or, with `objects`, an object that has one; what has none is for services that know what to make of it. */
export function readDocument(id: string, item: JsonValue, path: string, objects: boolean): RerankDocument {
  if (typeof item === 'string') return { type: 'text', text: item }
  if (!isJsonObject(item) || !objects) throw wrongType(path, 'a text', item)
  if (typeof item['text'] !== 'string') return { type: 'opaque', origin: id, value: item }
  const reader = new MemberReader(id, item, path)
  const text = reader.requiredString('text')
  reader.note('object', true)
  return { type: 'text', text, ...reader.node() }
}

/** Throws a Fault (`not_expressible`) for a document that the protocol has no words for: its rank would be that of something else. */
export function encodeRequest(
  wire: RerankWire,
  request: RerankRequest,
  context: EncodeContext<RerankRequest>,
): Encoded {
  const { id, request: names } = wire
  const lost: Loss[] = []
  reportForeignExtra(request, id, '', lost)
  const writer = new MemberWriter(id, request)
  if (names.model !== undefined) writer.set(names.model, context.model)
  writer.set('query', request.query)
  const documents = request.documents.map((document, index) => {
    const path = joinPath('documents', index)
    reportForeignExtra(document, id, path, lost)
    return writeDocument(document, id, path)
  })
  writer.set(names.documents, documents)
  // Where it cannot be asked for, the gateway takes the best itself, and has the documents at hand.
  if (names.topN !== undefined) writer.set(names.topN, request.topN)
  if (names.returnDocuments !== undefined) writer.set(names.returnDocuments, request.returnDocuments)
  if (names.maxTokensPerDocument !== undefined) writer.set(names.maxTokensPerDocument, request.maxTokensPerDocument)
  else if (request.maxTokensPerDocument !== undefined)
    drop(lost, 'max_tokens_per_doc', `${id} cuts long documents in its own way`)
  return { json: writer.finish(), lost }
}

export function writeDocument(document: RerankDocument, dialect: string, path: string): JsonValue {
  if (document.type === 'opaque') {
    if (document.origin === dialect) return document.value
    throw new Fault('not_expressible', `${path} is not a text, and ${dialect} takes nothing else.`, { param: path })
  }
  const writer = new MemberWriter(dialect, document)
  if (writer.note('object') !== true) return document.text
  writer.set('text', document.text)
  return writer.finish()
}
