/** Settings to `generationConfig`, and a report of those that Google has no word for. */
import { isDeepStrictEqual } from 'node:util'
import type { ChatRequest } from '../../model/chat.ts'
import type { Loss } from '../../model/loss.ts'
import { dialectId } from './dialect-id.ts'
import type { ModelTraits } from './gemini-models.ts'
import { drop } from './losses.ts'
import type { MemberWriter } from './members.ts'
import { writeFormat } from './output-format.ts'
import { writeForeignThinking, writeOwnThinking } from './thinking.ts'

/** As many as Google accepts. */
const maxStops = 5
const int32 = 2 ** 31

export function writeSettings(
  writer: MemberWriter,
  request: ChatRequest,
  own: boolean,
  traits: ModelTraits,
  lost: Loss[],
): void {
  const set = (key: string, value: Parameters<MemberWriter['set']>[1]): void =>
    writer.set(`generationConfig.${key}`, value)
  set('maxOutputTokens', request.maxOutputTokens)
  set('temperature', request.temperature)
  set('topP', request.topP)
  set('topK', request.topK)
  set('presencePenalty', said(request.presencePenalty, own))
  set('frequencyPenalty', said(request.frequencyPenalty, own))
  set('candidateCount', request.n)
  writeSeed(set, request.seed, own, lost)
  writeStop(set, request.stop, own, lost)
  writeLogprobs(set, writer, request, own)
  if (request.format !== undefined) writeFormat(writer, request.format, own, lost)
  writeModalities(set, writer, request, own, lost)
  if (request.reasoning === undefined) return
  if (own) writeOwnThinking(writer, request.reasoning)
  else writeForeignThinking(writer, request.reasoning, traits.thinking, lost)
}

type Set = (key: string, value: Parameters<MemberWriter['set']>[1]) => void

/** Some models refuse penalties, and none of other clients' asks for one that is zero. */
function said(penalty: number | undefined, own: boolean): number | undefined {
  return penalty === 0 && !own ? undefined : penalty
}

function writeSeed(set: Set, seed: number | undefined, own: boolean, lost: Loss[]): void {
  if (seed === undefined || own || (Number.isInteger(seed) && seed >= -int32 && seed < int32)) set('seed', seed)
  else drop(lost, 'seed', `${dialectId} takes seeds of 32 bits`)
}

function writeStop(set: Set, stop: readonly string[] | undefined, own: boolean, lost: Loss[]): void {
  if (stop === undefined || stop.length === 0) return
  if (!own && stop.length > maxStops)
    drop(lost, `stop[${maxStops}]`, `${dialectId} takes ${maxStops} stop sequences; those after them are not sent`)
  set('stopSequences', own ? [...stop] : stop.slice(0, maxStops))
}

function writeLogprobs(set: Set, writer: MemberWriter, { logprobs }: ChatRequest, own: boolean): void {
  if (logprobs === undefined) return
  if (logprobs.enabled || (own && writer.note('untoldLogprobs') !== true)) set('responseLogprobs', logprobs.enabled)
  // Google refuses the number where logprobs are off.
  if (own || logprobs.enabled) set('logprobs', logprobs.top)
}

const modalities: ReadonlySet<string> = new Set(['text', 'image', 'audio', 'video'])

function writeModalities(set: Set, writer: MemberWriter, request: ChatRequest, own: boolean, lost: Loss[]): void {
  const wanted = request.modalities
  if (wanted === undefined) return
  const spelled = writer.note('modalities')
  if (own && Array.isArray(spelled)) {
    const same = isDeepStrictEqual(
      spelled.map((word) => (typeof word === 'string' ? word.toLowerCase() : word)),
      wanted,
    )
    return set('responseModalities', same ? spelled : wanted.map((word) => word.toUpperCase()))
  }
  const known = wanted.filter((word) => modalities.has(word))
  for (const word of wanted) if (!modalities.has(word)) drop(lost, 'modalities', `${dialectId} has no modality ${word}`)
  // Text is what models answer in anyway.
  if (known.some((word) => word !== 'text'))
    set(
      'responseModalities',
      known.map((word) => word.toUpperCase()),
    )
}

/** Settings that there is no word for. Values that ask for what happens anyway are not missed. */
export function reportUnknown(request: ChatRequest, lost: Loss[]): void {
  const none = (path: string, what: string): undefined => drop(lost, path, `${dialectId} has no ${what}`)
  if (request.verbosity !== undefined) none('verbosity', 'setting for how wordy an answer is')
  if (request.endUser !== undefined) none('user', 'place for the id of an end user')
  if (request.parallelToolCalls === false) none('parallel_tool_calls', 'setting that allows one call at a time only')
  if (request.metadata !== undefined && Object.keys(request.metadata).length > 0) none('metadata', 'metadata')
}
