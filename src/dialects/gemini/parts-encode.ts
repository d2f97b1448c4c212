/** Parts of the model to parts of a content, each with its signature. What a part cannot say is reported. */
import { parsePreciseJson } from '../../bytes/precise-json.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import type { Loss } from '../../model/loss.ts'
import type { Part, ReasoningPart, ToolResultPart } from '../../model/part.ts'
import { dialectId, isOwn } from './dialect-id.ts'
import { encodeFunctionCall, encodeFunctionResponse } from './function-calls.ts'
import { adapt, drop, reportAround, reportCitations } from './losses.ts'
import { encodeMedia } from './media.ts'
import { MemberWriter } from './members.ts'
import { codeTool } from './parts-decode.ts'
import { sealSignature } from './signatures.ts'

export interface PartContext {
  /** Requests go to Google, which takes its own reasoning alone; answers go to clients, which may see any. */
  readonly side: 'request' | 'response'
  /** How the functions of calls and results are called here, by the name or by the id of the call. */
  readonly nameOf: (name: string) => string
  readonly calledName: (callId: string) => string | undefined
  readonly mediaInResults: boolean
  readonly lost: Loss[]
}

/** What of a result has no place in it. */
export interface Outside {
  readonly callId: string
  readonly parts: readonly { readonly part: Part; readonly path: string }[]
}

/** The part's JSON; undefined, and reported, where there is none. `outside` takes what must follow a result. */
export function encodePart(
  part: Part,
  signature: string | undefined,
  path: string,
  context: PartContext,
  outside: Outside[] = [],
): JsonObject | undefined {
  reportAround(part, path, context.lost)
  const json = encodeBare(part, path, context, outside)
  if (json === undefined || signature === undefined) return json
  return signed(part, json, signature)
}

/** A signature stands by whichever name the part's own had. */
function signed(part: Part, json: JsonObject, signature: string): JsonObject {
  const renamed = part.form?.[dialectId]?.['renamed']
  const name = (Array.isArray(renamed) ? renamed : []).find(
    (entry): entry is JsonValue[] => Array.isArray(entry) && entry[0] === 'thoughtSignature',
  )?.[1]
  return { ...json, [typeof name === 'string' ? name : 'thoughtSignature']: signature }
}

function encodeBare(part: Part, path: string, context: PartContext, outside: Outside[]): JsonObject | undefined {
  const { lost } = context
  switch (part.type) {
    case 'text': {
      if (context.side === 'request') reportCitations(part, path, lost)
      const writer = new MemberWriter(part)
      if (part.text !== '' || !writer.wasAbsent('text')) writer.set('text', part.text)
      return writer.finish()
    }
    case 'refusal':
      adapt(lost, path, `a refusal is ordinary text in ${dialectId}`)
      return { text: part.text }
    case 'image':
    case 'audio':
    case 'video':
    case 'file':
      return encodeMedia(part, path, lost)
    case 'reasoning':
      return encodeReasoning(part, path, context)
    case 'tool-call':
      return encodeFunctionCall(part, context.nameOf(part.name), path, lost)
    case 'tool-result':
      return encodeResult(part, path, context, outside)
    case 'server-tool-call':
      return encodeCode(part, path, lost)
    case 'server-tool-result': {
      if (part.origin !== dialectId)
        return drop(
          lost,
          path,
          `the result of a tool that ran at another provider (${part.origin}) means nothing to Google`,
        )
      const writer = new MemberWriter(part)
      writer.set('codeExecutionResult', part.value)
      return writer.finish()
    }
    case 'opaque':
      if (part.origin === dialectId && isJsonObject(part.value)) return part.value
      return drop(lost, path, `${dialectId} has no counterpart of this block of ${part.origin}`)
  }
}

function encodeReasoning(part: ReasoningPart, path: string, { side, lost }: PartContext): JsonObject | undefined {
  const writer = new MemberWriter(part)
  writer.set('thought', true)
  if (part.text !== '' || !writer.wasAbsent('text')) writer.set('text', part.text)
  if (part.origin === dialectId)
    writer.set('thoughtSignature', part.signature === '' && !isOwn(part) ? undefined : part.signature)
  else if (side === 'response') writer.set('thoughtSignature', sealSignature(part))
  else return drop(lost, path, `the reasoning is not Gemini's (${part.origin}), and Google takes back only its own`)
  return writer.finish()
}

function encodeResult(
  part: ToolResultPart,
  path: string,
  context: PartContext,
  outside: Outside[],
): JsonObject | undefined {
  const { lost } = context
  let name = context.calledName(part.callId)
  if (name === undefined && !isOwn(part)) {
    adapt(lost, path, `the call ${part.callId} is not in the conversation, so the name of its function is not known`)
    name = context.nameOf(part.callId)
  }
  const result = encodeFunctionResponse(part, path, { name: name ?? '', mediaAllowed: context.mediaInResults, lost })
  if (result.outside.length > 0) outside.push({ callId: part.callId, parts: result.outside })
  return result.json
}

function encodeCode(part: Part & { type: 'server-tool-call' }, path: string, lost: Loss[]): JsonObject | undefined {
  if (part.origin !== dialectId || part.name !== codeTool)
    return drop(lost, path, `the tool ${part.name} ran at another provider (${part.origin})`)
  const writer = new MemberWriter(part)
  writer.set('executableCode', parsePreciseJson(part.arguments) as JsonValue)
  return writer.finish()
}
