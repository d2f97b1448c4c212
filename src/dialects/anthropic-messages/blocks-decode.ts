/** Content blocks of the Messages API to canonical parts, for requests and responses alike. */
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject, unknownMembers } from '../../model/json.ts'
import { joinPath } from '../../model/loss.ts'
import type { Citation, FilePart, Part, ReasoningPart, TextPart } from '../../model/part.ts'
import { decodeCacheMark } from './cache-mark.ts'
import { carry } from './carry.ts'
import type { CarryOptions } from './carry.ts'
import { dialectId } from './dialect-id.ts'
import { decodePieces, decodeSource } from './documents.ts'
import { optional, readBoolean, readList, readObject, readString } from './reading.ts'
import { unknownOrigin, unsealReasoning } from '../../kernel/codec/reasoning-envelope.ts'

/** Who sent the block. A client may return reasoning that is not Anthropic's. */
export type Side = 'request' | 'response'

export function decodeBlock(value: JsonValue | undefined, path: string, side: Side): Part {
  const block = readObject(value, path)
  const type = readString(block['type'], joinPath(path, 'type'))
  switch (type) {
    case 'text':
      return decodeText(block, path)
    case 'image':
      return decodeImage(block, path)
    case 'document':
      return decodeDocument(block, path)
    case 'search_result':
      return decodeSearchResult(block, path)
    case 'thinking':
      return decodeThinking(block, path, side)
    case 'redacted_thinking':
      return {
        type: 'reasoning',
        text: '',
        encrypted: readString(block['data'], joinPath(path, 'data')),
        origin: dialectId,
        ...carry(block, redactedMembers),
      }
    case 'tool_use':
    case 'server_tool_use':
      return decodeToolUse(block, path, type)
    case 'tool_result':
      return decodeToolResult(block, path, side)
    default:
      return decodeOther(block, type)
  }
}

/** A message's or result's content: a string, or blocks. The note says which. */
export function decodeContent(
  value: JsonValue | undefined,
  path: string,
  side: Side,
): { parts: Part[]; form?: JsonObject } {
  if (typeof value === 'string') return { parts: [{ type: 'text', text: value }], form: { content: 'string' } }
  return {
    parts: readList(value, path, 'a string or a list of blocks').map((block, index) =>
      decodeBlock(block, joinPath(path, index), side),
    ),
  }
}

const textMembers = new Set(['type', 'text', 'citations', 'cache_control'])
const imageMembers = new Set(['type', 'source', 'cache_control'])
const documentMembers = new Set(['type', 'source', 'title', 'context', 'citations', 'cache_control'])
const searchResultMembers = new Set(['type', 'source', 'title', 'content', 'citations', 'cache_control'])
const thinkingMembers = new Set(['type', 'thinking', 'signature'])
const redactedMembers = new Set(['type', 'data'])
const toolUseMembers = new Set(['type', 'id', 'name', 'input', 'cache_control'])
const toolUseMembersWithCaller = new Set([...toolUseMembers, 'caller'])
const toolResultMembers = new Set(['type', 'tool_use_id', 'content', 'is_error', 'cache_control'])

/** The cache mark and whatever else the block says, in one. */
function common(
  block: JsonObject,
  path: string,
  known: ReadonlySet<string>,
  options: CarryOptions = {},
): Pick<TextPart, 'cache' | 'extra' | 'form'> {
  const { cache, rest } = decodeCacheMark(block, path)
  const rests = { ...options.rests, cache_control: rest }
  return { ...(cache !== undefined && { cache }), ...carry(block, known, { ...options, rests }) }
}

function decodeText(block: JsonObject, path: string): TextPart {
  const citations = optional(block['citations'], joinPath(path, 'citations'), (list, at) => readList(list, at))?.map(
    (citation, index) => decodeCitation(readObject(citation, `${path}.citations[${index}]`)),
  )
  return {
    type: 'text',
    text: readString(block['text'], joinPath(path, 'text')),
    ...(citations !== undefined && { citations }),
    ...common(block, path, textMembers),
  }
}

export function decodeCitation(raw: JsonObject): Citation {
  const { url, source, title, document_title: documentTitle, cited_text: quote } = raw
  const address = typeof url === 'string' ? url : source
  const label = typeof title === 'string' ? title : documentTitle
  return {
    ...(typeof address === 'string' && /^https?:/i.test(address) && { url: address }),
    ...(typeof label === 'string' && { title: label }),
    ...(typeof quote === 'string' && { quote }),
    origin: dialectId,
    raw,
  }
}

function decodeImage(block: JsonObject, path: string): Part {
  readObject(block['source'], joinPath(path, 'source'))
  const read = decodeSource(block['source'])
  if (read === undefined || read.source.kind === 'text') return opaque(block)
  return { type: 'image', source: read.source, ...common(block, path, imageMembers, { rests: { source: read.rest } }) }
}

const citationsConfig = new Set(['enabled'])

/** `citations: { enabled }` of documents and search results. */
function decodeCitable(
  block: JsonObject,
  path: string,
): { citable?: boolean; rest?: JsonObject | undefined; form?: JsonObject } {
  const config = optional(block['citations'], joinPath(path, 'citations'), readObject)
  if (config === undefined) return {}
  const citable = optional(config['enabled'], `${path}.citations.enabled`, readBoolean)
  if (citable === undefined) return { rest: config, form: { citations: 'object' } }
  return { citable, rest: unknownMembers(config, citationsConfig) }
}

function decodeDocument(block: JsonObject, path: string): Part {
  const read = decodeSource(block['source'])
  if (read === undefined) return opaque(block)
  const title = optional(block['title'], joinPath(path, 'title'), readString)
  const context = optional(block['context'], joinPath(path, 'context'), readString)
  const { citable, rest, form } = decodeCitable(block, path)
  return {
    type: 'file',
    source: read.source,
    ...(title !== undefined && { title }),
    ...(context !== undefined && { context }),
    ...(citable !== undefined && { citable }),
    ...common(block, path, documentMembers, {
      rests: { source: read.rest, citations: rest },
      form: { own: true, ...read.form, ...form },
    }),
  }
}

/** A search result is a document whose source is told in words; with anything but text in it, it is kept as it is. */
function decodeSearchResult(block: JsonObject, path: string): Part {
  const { source, title } = block
  const pieces = decodePieces(block['content'])
  if (pieces === undefined || typeof source !== 'string' || typeof title !== 'string') return opaque(block)
  const { citable, rest, form } = decodeCitable(block, path)
  const part: FilePart = {
    type: 'file',
    source: { kind: 'text', text: pieces.text },
    title,
    context: source,
    ...(citable !== undefined && { citable }),
    ...common(block, path, searchResultMembers, {
      rests: { citations: rest },
      form: { block: 'search_result', pieces: pieces.lengths, ...form },
    }),
  }
  return part
}

function decodeThinking(block: JsonObject, path: string, side: Side): ReasoningPart {
  const text = readString(block['thinking'], joinPath(path, 'thinking'))
  const signature = optional(block['signature'], joinPath(path, 'signature'), readString)
  const carried = carry(block, thinkingMembers, { absent: ['signature'] })
  // In an answer such a signature is the provider's own business: it is a gateway of this kind itself, and will want it back.
  const sealed = side === 'response' || signature === undefined ? undefined : unsealReasoning(signature)
  if (sealed !== undefined) return { type: 'reasoning', text, ...sealed, ...carried }
  // Anthropic signs every thinking block; one without comes from elsewhere, and Anthropic would refuse it.
  if (side === 'request' && (signature === undefined || signature === '')) {
    return { type: 'reasoning', text, origin: unknownOrigin, ...carried }
  }
  return { type: 'reasoning', text, ...(signature !== undefined && { signature }), origin: dialectId, ...carried }
}

function decodeToolUse(block: JsonObject, path: string, type: 'tool_use' | 'server_tool_use'): Part {
  const id = readString(block['id'], joinPath(path, 'id'))
  const name = readString(block['name'], joinPath(path, 'name'))
  const { input, caller } = block
  // That the model itself made the call is what every protocol takes for granted.
  const direct = isJsonObject(caller) && caller['type'] === 'direct' && Object.keys(caller).length === 1
  const form: JsonObject = {
    ...(direct && { caller: 'direct' }),
    ...(input === undefined ? { input: 'absent' } : !isJsonObject(input) && { input: 'any' }),
  }
  const shared = {
    id,
    name,
    arguments: input === undefined ? '{}' : JSON.stringify(input),
    ...common(block, path, direct ? toolUseMembersWithCaller : toolUseMembers, { form }),
  }
  return type === 'tool_use'
    ? { type: 'tool-call', ...shared }
    : { type: 'server-tool-call', ...shared, origin: dialectId }
}

function decodeToolResult(block: JsonObject, path: string, side: Side): Part {
  const { content } = block
  const absent = content === undefined || content === null
  const { parts, form } = absent
    ? { parts: [], form: { content: 'absent' } }
    : decodeContent(content, joinPath(path, 'content'), side)
  const isError = optional(block['is_error'], joinPath(path, 'is_error'), readBoolean)
  return {
    type: 'tool-result',
    callId: readString(block['tool_use_id'], joinPath(path, 'tool_use_id')),
    content: parts,
    ...(isError !== undefined && { isError }),
    ...common(block, path, toolResultMembers, form === undefined ? {} : { form }),
  }
}

/** Results of tools that Anthropic runs are known by their name; whatever else there is stays as it is. */
function decodeOther(block: JsonObject, type: string): Part {
  const callId = block['tool_use_id']
  if (type.endsWith('_tool_result') && type !== 'mcp_tool_result' && typeof callId === 'string') {
    return { type: 'server-tool-result', callId, value: block, origin: dialectId }
  }
  return opaque(block)
}

function opaque(block: JsonObject): Part {
  return { type: 'opaque', origin: dialectId, value: block }
}
