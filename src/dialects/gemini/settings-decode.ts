/** `generationConfig`: what most protocols call by other names. What only Google has stays unmodelled and travels along. */
import type { MemberReader as KernelReader } from '../../kernel/codec/member-reader.ts'
import type { ChatRequest } from '../../model/chat.ts'
import type { MemberReader } from './members.ts'
import { decodeFormat } from './output-format.ts'
import { decodeThinking } from './thinking.ts'

type Settings = Partial<Omit<ChatRequest, 'model' | 'messages' | 'stream'>>

export function decodeSettings(reader: MemberReader): Settings {
  const config = reader.nested('generationConfig')
  if (config === undefined) return {}
  const stop = config.strings('stopSequences')
  const settings = {
    maxOutputTokens: config.integer('maxOutputTokens', 0),
    temperature: config.number('temperature'),
    topP: config.number('topP'),
    topK: config.number('topK'),
    presencePenalty: config.number('presencePenalty'),
    frequencyPenalty: config.number('frequencyPenalty'),
    seed: config.number('seed'),
    stop: stop === undefined || stop.length === 0 ? undefined : stop,
    n: config.integer('candidateCount', 1),
    logprobs: decodeLogprobSettings(reader, config),
    format: decodeFormat(reader, config),
    reasoning: decodeThinking(reader, config),
    modalities: decodeModalities(reader, config),
  }
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined))
}

function decodeLogprobSettings(reader: MemberReader, config: KernelReader): ChatRequest['logprobs'] {
  const enabled = config.boolean('responseLogprobs')
  const top = config.integer('logprobs', 0)
  if (enabled === undefined && top === undefined) return undefined
  if (enabled === undefined) reader.note('untoldLogprobs', true)
  return { enabled: enabled ?? false, ...(top !== undefined && { top }) }
}

/** Google writes them in capitals. */
function decodeModalities(reader: MemberReader, config: KernelReader): string[] | undefined {
  const words = config.strings('responseModalities')
  if (words === undefined || words.length === 0) return undefined
  reader.note('modalities', words)
  return words.map((word) => word.toLowerCase())
}
