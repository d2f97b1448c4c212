/** Folds a stream's events into the response they amount to: the law that ties every dialect's stream to its plain answer. */
import type { ChatEvent, PartDelta } from './chat-event.ts'
import type { ChatResponse, Choice, TokenLogprob } from './chat.ts'
import type { Finish } from './finish.ts'
import type { PerDialect } from './node.ts'
import type { Part } from './part.ts'
import type { SafetyVerdict } from './safety.ts'
import type { Usage } from './usage.ts'

interface OpenChoice {
  parts: Part[]
  finish?: Finish
  extra?: PerDialect
  content?: TokenLogprob[]
  refusal?: TokenLogprob[]
}

export function foldChat(events: Iterable<ChatEvent>): ChatResponse {
  const head: { -readonly [Field in keyof ChatResponse]?: ChatResponse[Field] } = {}
  let usage: Usage | undefined
  let safety: SafetyVerdict[] = []
  const choices: OpenChoice[] = []
  const choiceAt = (index: number): OpenChoice => (choices[index] ??= { parts: [] })

  for (const event of events) {
    switch (event.type) {
      case 'response-start': {
        const { type: _, ...start } = event
        Object.assign(head, start)
        break
      }
      case 'response-update':
        if (event.serviceTier !== undefined) head.serviceTier = event.serviceTier
        if (event.extra !== undefined) head.extra = mergeExtra(head.extra, event.extra)
        break
      case 'part-start':
        choiceAt(event.choice).parts[event.part] = event.value
        break
      case 'part-delta': {
        const { parts } = choiceAt(event.choice)
        const part = parts[event.part]
        if (part !== undefined) parts[event.part] = appendDelta(part, event)
        break
      }
      case 'logprobs-delta': {
        const choice = choiceAt(event.choice)
        if (event.content !== undefined) (choice.content ??= []).push(...event.content)
        if (event.refusal !== undefined) (choice.refusal ??= []).push(...event.refusal)
        break
      }
      case 'choice-end': {
        const choice = choiceAt(event.choice)
        choice.finish = event.finish
        if (event.extra !== undefined) choice.extra = mergeExtra(choice.extra, event.extra)
        break
      }
      case 'usage-update':
        usage = event.usage
        break
      case 'safety-update':
        safety = withVerdict(safety, event.verdict)
        break
      case 'error':
        throw event.fault
      case 'part-end':
      case 'response-end':
      case 'ping':
      case 'opaque-event':
        break
    }
  }

  return {
    id: '',
    model: '',
    ...head,
    choices: choices.flatMap((choice, index) => (choice === undefined ? [] : [closeChoice(choice, index)])),
    ...(usage !== undefined && { usage }),
    ...(safety.length > 0 && { safety }),
  }
}

/** A newer verdict of the same choice, or of the input, takes the older one's place. */
export function withVerdict(safety: readonly SafetyVerdict[], verdict: SafetyVerdict): SafetyVerdict[] {
  const rest = safety.filter((other) => other.of !== verdict.of || other.choice !== verdict.choice)
  return [...rest, verdict]
}

function closeChoice(choice: OpenChoice, index: number): Choice {
  const { content, refusal } = choice
  return {
    index,
    parts: choice.parts.filter((part) => part !== undefined),
    ...(choice.finish !== undefined && { finish: choice.finish }),
    ...(choice.extra !== undefined && { extra: choice.extra }),
    ...((content ?? refusal) !== undefined && {
      logprobs: { ...(content && { content }), ...(refusal && { refusal }) },
    }),
  }
}

/** Applies one delta to a part: text grows, signatures replace. */
export function appendDelta(part: Part, delta: PartDelta): Part {
  const text = delta.text ?? ''
  switch (part.type) {
    case 'text':
      return {
        ...part,
        text: part.text + text,
        ...(delta.citation !== undefined && { citations: [...(part.citations ?? []), delta.citation] }),
      }
    case 'refusal':
      return { ...part, text: part.text + text }
    case 'reasoning':
      return {
        ...part,
        text: part.text + text,
        ...(delta.signature !== undefined && { signature: delta.signature }),
        ...(delta.encrypted !== undefined && { encrypted: delta.encrypted }),
      }
    case 'tool-call':
    case 'server-tool-call':
      return { ...part, arguments: part.arguments + text }
    case 'audio': {
      const before = part.source?.kind === 'base64' ? part.source : { kind: 'base64' as const, data: '' }
      return {
        ...part,
        ...((text !== '' || part.source !== undefined) && { source: { ...before, data: before.data + text } }),
        ...(delta.transcript !== undefined && { transcript: (part.transcript ?? '') + delta.transcript }),
        ...(delta.expiresAt !== undefined && { expiresAt: delta.expiresAt }),
      }
    }
    default:
      return part
  }
}

function mergeExtra(before: PerDialect | undefined, after: PerDialect): PerDialect {
  const merged = { ...before }
  for (const [dialect, members] of Object.entries(after)) merged[dialect] = { ...merged[dialect], ...members }
  return merged
}
