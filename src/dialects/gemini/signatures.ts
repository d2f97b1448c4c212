/**
 * Thought signatures. Gemini puts one on a part of its answer (a call, a text, an image), and Gemini 3 refuses a conversation whose
 * calls come back without theirs. The model has no field for it on such parts, and other protocols none either; but all of them can
 * carry reasoning that is not theirs. So a signature becomes a reasoning part without text (a carrier) beside the part it belongs to:
 * before it, or behind a text, since streams tell a text's signature last. Some protocols put all reasoning first: a carrier's
 * `encrypted` therefore names the part, by kind and number, and is put back from that where no order is left to go by.
 * https://ai.google.dev/gemini-api/docs/thought-signatures
 */
import { sealReasoning, unsealReasoning } from '../../kernel/codec/reasoning-envelope.ts'
import type { Part, ReasoningPart } from '../../model/part.ts'
import { dialectId, isOwn, ownForm } from './dialect-id.ts'

/**
 * What Google documents for calls that no Gemini made, or whose signature is gone: its models go on without their earlier thoughts.
 * https://ai.google.dev/gemini-api/docs/thought-signatures#faqs
 */
export const placeholderSignature = 'skip_thought_signature_validator'

const kinds = [
  'text',
  'tool-call',
  'image',
  'audio',
  'video',
  'file',
  'server-tool-call',
  'server-tool-result',
] as const
const markPattern = new RegExp(`^(${kinds.join('|')}):(\\d+)$`)

/** Reasoning of another provider, as the `thoughtSignature` of a thought: base64, as the protocol wants it. */
export function sealSignature(part: ReasoningPart): string {
  return Buffer.from(sealReasoning(part)).toString('base64')
}

/** What `sealSignature` wrote begins with this in JSON text, whatever it says. */
export const sealedMark = '"c2x1aWNlZ2F0ZT'

/** Reads what `sealSignature` wrote; undefined for Google's own signatures. Clients may use either alphabet of base64. */
export function unsealSignature(signature: string): ReturnType<typeof unsealReasoning> {
  if (!signature.startsWith(sealedMark.slice(1))) return undefined
  return unsealReasoning(Buffer.from(signature, 'base64').toString('utf8'))
}

/** The carrier of a signature that stood on a part; `of` says on which side of the carrier that part is. */
export function carrierOf(signature: string, of: 'next' | 'previous'): ReasoningPart {
  return {
    type: 'reasoning',
    text: '',
    origin: dialectId,
    signature,
    ...unsealSignature(signature),
    form: { [dialectId]: { of } },
  }
}

export function carriedFor(part: Part): 'next' | 'previous' | undefined {
  const of = part.type === 'reasoning' ? ownForm(part)?.['of'] : undefined
  return of === 'next' || of === 'previous' ? of : undefined
}

/** Numbers the parts of a message by kind, and writes into each carrier which of them it belongs to. */
export class PartCounter {
  readonly #counts = new Map<Part['type'], number>()

  /** The parts of one part of the protocol: a carrier and what it belongs to, or either alone. */
  count(parts: readonly Part[]): Part[] {
    return parts.map((part, index) => {
      const of = carriedFor(part)
      const target = of === 'next' ? parts[index + 1]?.type : 'text'
      if (of === undefined || part.type !== 'reasoning') {
        this.#counts.set(part.type, this.#count(part.type) + 1)
        return part
      }
      if (part.origin !== dialectId || target === undefined) return part
      const number = of === 'next' ? this.#count(target) : Math.max(0, this.#count('text') - 1)
      return { ...part, encrypted: `${target}:${number}` }
    })
  }

  #count(type: Part['type']): number {
    return this.#counts.get(type) ?? 0
  }
}

/** A part to write, where the client had it among the parts, and the signature that belongs on it. */
export interface SignedPart {
  readonly part: Part
  readonly index: number
  signature?: string
}

/** The parts with Gemini's signatures put where they were. */
export function placeSignatures(parts: readonly Part[]): SignedPart[] {
  const placed: SignedPart[] = []
  const astray: { readonly signature: string; readonly mark: string | undefined; readonly before: number }[] = []
  let waiting: string | undefined
  const previous = (signature: string): void => {
    const last = placed.at(-1)
    if (last === undefined) astray.push({ signature, mark: undefined, before: placed.length })
    else last.signature = signature
  }
  for (const [index, part] of parts.entries()) {
    const signature = signatureOf(part)
    const of = carriedFor(part)
    if (signature !== undefined && of === 'previous') previous(signature)
    else if (signature !== undefined && of === 'next') waiting = signature
    else if (signature !== undefined) {
      const mark = part.type === 'reasoning' ? part.encrypted : undefined
      if (mark === undefined && isOpenThought(placed.at(-1))) previous(signature)
      else astray.push({ signature, mark, before: placed.length })
    } else if (isPiece(part) && isOpenThought(placed.at(-1))) grow(placed, part)
    else {
      placed.push({ part, index, ...(waiting !== undefined && { signature: waiting }) })
      waiting = undefined
    }
  }
  if (waiting !== undefined) previous(waiting)
  for (const { signature, mark, before } of astray) settle(placed, signature, mark, before)
  return placed
}

/**
 * A thought that a client of another protocol read from a stream and returns in the pieces it came in: text after text, the signature
 * with the last.
 */
function isPiece(part: Part): part is ReasoningPart {
  return part.type === 'reasoning' && part.origin === dialectId && !isOwn(part)
}

function isOpenThought(last: SignedPart | undefined): boolean {
  return last !== undefined && isPiece(last.part) && last.signature === undefined && (last.part.signature ?? '') === ''
}

function grow(placed: SignedPart[], piece: ReasoningPart): void {
  const last = placed.at(-1)
  if (last?.part.type !== 'reasoning') return
  placed[placed.length - 1] = { ...last, part: { ...last.part, ...piece, text: last.part.text + piece.text } }
}

/** The signature that a carrier of Gemini's carries. Elsewhere it may have become what is encrypted. */
function signatureOf(part: Part): string | undefined {
  if (part.type !== 'reasoning' || part.origin !== dialectId || part.text !== '') return undefined
  if (isOwn(part) && carriedFor(part) === undefined) return undefined
  const { signature, encrypted } = part
  if (signature !== undefined && signature !== '') return signature
  return encrypted === undefined || encrypted === '' || markPattern.test(encrypted) ? undefined : encrypted
}

/** Finds the part that a carrier belongs to when it no longer stands beside it. */
function settle(placed: SignedPart[], signature: string, mark: string | undefined, before: number): void {
  const target = markedPart(placed, mark) ?? likelyPart(placed, before)
  if (target !== undefined) target.signature = signature
  else placed.splice(before, 0, { part: { type: 'text', text: '' }, index: before, signature })
}

function markedPart(placed: readonly SignedPart[], mark: string | undefined): SignedPart | undefined {
  const match = markPattern.exec(mark ?? '')
  if (match === null) return undefined
  const ofKind = placed.filter(({ part }) => part.type === match[1])
  // Texts may have grown together on their way.
  return ofKind[Number(match[2])] ?? (match[1] === 'text' ? ofKind.at(-1) : undefined)
}

/** Without a mark: the part that follows, but the first call rather than a text, since calls need theirs. */
function likelyPart(placed: readonly SignedPart[], before: number): SignedPart | undefined {
  const call = placed.find(({ part }) => part.type === 'tool-call')
  if (call !== undefined && call.signature === undefined) return call
  const free = placed.slice(before).find(({ part, signature }) => part.type !== 'reasoning' && signature === undefined)
  return free ?? placed.at(-1)
}
