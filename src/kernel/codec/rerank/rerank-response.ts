/** Ranked documents, both ways, in whatever names the protocol has. */
import type { Body } from '../../body.ts'
import type { AnswerFacts, EncodeContext, Encoded } from '../../dialect.ts'
import { Fault } from '../../../model/fault.ts'
import type { JsonObject, JsonValue } from '../../../model/json.ts'
import { isJsonObject } from '../../../model/json.ts'
import { joinPath, reportForeignExtra } from '../../../model/loss.ts'
import type { Loss } from '../../../model/loss.ts'
import type { RerankRequest, RerankResponse, RerankResult } from '../../../model/rerank.ts'
import { MemberReader, wrongType } from '../member-reader.ts'
import { MemberWriter } from '../member-writer.ts'
import { readDocument, writeDocument } from './rerank-request.ts'
import type { RerankWire } from './rerank-wire.ts'

const malformed = (what: string, cause?: unknown): Fault =>
  new Fault('provider_malformed', `The provider's answer is not a ranking: ${what}`, { cause })

/** Throws a Fault (`provider_malformed`) for what is none. */
export function decodeResponse(wire: RerankWire, json: unknown): RerankResponse {
  try {
    return readResponse(wire, json)
  } catch (error) {
    if (error instanceof Fault && error.side === 'client') throw malformed(error.message, error)
    throw error
  }
}

function readResponse(wire: RerankWire, json: unknown): RerankResponse {
  const names = wire.response
  if (!isJsonObject(json)) throw wrongType('body', 'a JSON object', json)
  const reader = new MemberReader(wire.id, json, '')
  const list = reader.list(names.results)
  if (list === undefined) throw wrongType(names.results, 'a list of results', list)
  const id = names.id === undefined ? undefined : reader.string(names.id)
  const model = names.model === undefined ? '' : (reader.string(names.model) ?? '')
  if (names.model !== undefined && !reader.has(names.model)) reader.noteAbsent(names.model)
  for (const [name, value] of Object.entries(names.constants ?? {})) {
    if (reader.peek(name) === value) reader.take(name)
    else if (!reader.has(name)) reader.noteAbsent(name)
  }
  const usage = wire.usage.read((name) => reader.peek(name))
  const raw: JsonObject = {}
  if (usage !== undefined) {
    for (const name of wire.usage.members) {
      const value = reader.take(name)
      if (value !== undefined) raw[name] = value
    }
  }
  return {
    model,
    results: readResults(wire, list, names.results),
    ...(id !== undefined && { id }),
    ...(usage !== undefined && { usage: { ...usage, raw: { [wire.id]: raw } } }),
    ...reader.node(),
  }
}

function readResults(wire: RerankWire, list: readonly JsonValue[], path: string): RerankResult[] {
  const { score: scoreName, document: documentName } = wire.response
  const { documentId } = wire.request
  const indexName = documentId ?? 'index'
  const seen = new Set<number>()
  return list.map((item, at) => {
    const place = joinPath(path, at)
    if (!isJsonObject(item)) throw wrongType(place, 'an object', item)
    const reader = new MemberReader(wire.id, item, place)
    const index = documentId === undefined ? reader.integer('index', 0) : placeIn(reader.string(documentId))
    const score = reader.number(scoreName)
    if (index === undefined || seen.has(index))
      throw wrongType(`${place}.${indexName}`, 'the place of a document', item[indexName])
    if (score === undefined) throw wrongType(`${place}.${scoreName}`, 'a number', item[scoreName])
    seen.add(index)
    const given = documentName === undefined ? undefined : reader.take(documentName)
    if (typeof given === 'string' && !wire.response.plainDocument) reader.note('plain', true)
    const document =
      given === undefined ? undefined : readDocument(wire.id, given, `${place}.${documentName ?? ''}`, true)
    return { index, score, ...(document !== undefined && { document }), ...reader.node() }
  })
}

const placeIn = (id: string | undefined): number | undefined =>
  id !== undefined && /^\d{1,9}$/.test(id) ? Number(id) : undefined

/** Another's answer is put in order, cut to what was asked for, and has the documents that were to come back. */
export function encodeResponse(
  wire: RerankWire,
  response: RerankResponse,
  { model, request }: EncodeContext<RerankRequest>,
): Encoded {
  const names = wire.response
  const lost: Loss[] = []
  reportForeignExtra(response, wire.id, '', lost)
  const writer = new MemberWriter(wire.id, response)
  const own = writer.form !== undefined
  const results = own
    ? response.results
    : response.results.toSorted((a, b) => b.score - a.score).slice(0, request?.topN ?? Infinity)
  const written = results.map((result, at) => writeResult(wire, result, request, joinPath(names.results, at), lost))
  if (names.id !== undefined) writer.set(names.id, response.id)
  for (const [name, value] of Object.entries(names.constants ?? {}))
    if (!writer.wasAbsent(name)) writer.set(name, value)
  writer.set(names.results, written)
  if (names.model !== undefined && model !== '' && !writer.wasAbsent(names.model) && !writer.wasNull(names.model))
    writer.set(names.model, model)
  const { usage } = response
  const told = usage === undefined ? {} : (usage.raw?.[wire.id] ?? wire.usage.write(usage))
  for (const name of Object.keys(told)) writer.set(name, told[name])
  return { json: writer.finish(), lost }
}

function writeResult(
  wire: RerankWire,
  result: RerankResult,
  request: RerankRequest | undefined,
  path: string,
  lost: Loss[],
): JsonObject {
  const names = wire.response
  reportForeignExtra(result, wire.id, path, lost)
  const writer = new MemberWriter(wire.id, result)
  const asked = request?.documents[result.index]
  if (request !== undefined && asked === undefined)
    throw malformed(`it ranks document ${result.index}, of ${request.documents.length} that it was given.`)
  const { documentId } = wire.request
  if (documentId === undefined) writer.set('index', result.index)
  else writer.set(documentId, String(result.index))
  writer.set(names.score, result.score)
  const document = result.document ?? (request?.returnDocuments === true ? asked : undefined)
  if (document !== undefined && names.document !== undefined) {
    const value = writeDocument(document, wire.id, `${path}.${names.document}`)
    writer.set(
      names.document,
      typeof value === 'string' && !names.plainDocument && writer.note('plain') !== true ? { text: value } : value,
    )
  }
  return writer.finish()
}

export function readFacts(body: Body<RerankResponse>): AnswerFacts {
  const { id, model, usage } = body.read()
  return {
    ...(id !== undefined && { id }),
    ...(model !== '' && { model }),
    ...(usage !== undefined && { usage }),
  }
}
