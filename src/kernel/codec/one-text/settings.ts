/** The settings of a request in protocols that know few of them: those they have, by their names, and a report of the others. */
import type { ChatRequest } from '../../../model/chat.ts'
import { drop, joinPath } from '../../../model/loss.ts'
import type { Loss } from '../../../model/loss.ts'
import { defined } from '../defined.ts'
import type { MemberReader } from '../member-reader.ts'
import type { MemberWriter } from '../member-writer.ts'

const numbers = [
  'maxOutputTokens',
  'temperature',
  'topP',
  'topK',
  'presencePenalty',
  'frequencyPenalty',
  'seed',
  'n',
] as const

type NumberSetting = (typeof numbers)[number]

/** The protocol's names of the settings that are numbers; those without one it does not have. */
export type SettingNames = Partial<Readonly<Record<NumberSetting, string>>>

/** `reader` is that of the object they stand in. */
export function readSettings(reader: MemberReader | undefined, names: SettingNames): Partial<ChatRequest> {
  if (reader === undefined) return {}
  const read: Partial<Record<NumberSetting, number | undefined>> = {}
  for (const setting of numbers) {
    const name = names[setting]
    if (name === undefined) continue
    const whole = setting === 'maxOutputTokens' || setting === 'n'
    read[setting] = whole ? reader.integer(name, 1) : reader.number(name)
  }
  return defined(read)
}

/** `member` is the object they stand in; empty for the document itself. */
export function writeSettings(writer: MemberWriter, member: string, request: ChatRequest, names: SettingNames): void {
  for (const setting of numbers) {
    const name = names[setting]
    if (name !== undefined) writer.set(joinPath(member, name), request[setting])
  }
}

/** What clients call the settings that a protocol may lack. */
const told: Readonly<Partial<Record<keyof ChatRequest, string>>> = {
  maxOutputTokens: 'max_tokens',
  temperature: 'temperature',
  topP: 'top_p',
  topK: 'top_k',
  presencePenalty: 'presence_penalty',
  frequencyPenalty: 'frequency_penalty',
  seed: 'seed',
  verbosity: 'verbosity',
  endUser: 'user',
  metadata: 'metadata',
  serviceTier: 'service_tier',
}

/** Reports the settings that are not in `spoken`, and all that a prompt without tools and formats cannot say. */
export function reportUnsaid(
  request: ChatRequest,
  target: string,
  spoken: ReadonlySet<keyof ChatRequest>,
  lost: Loss[],
): void {
  const { tools = [], toolChoice, format, reasoning, n = 1, stop = [], logprobs, modalities } = request
  for (const [setting, name] of Object.entries(told) as [keyof ChatRequest, string][])
    if (!spoken.has(setting) && request[setting] !== undefined) drop(lost, name, `${target} has no ${name}`)
  if (!spoken.has('n') && n > 1) drop(lost, 'n', `${target} gives one answer to a request`)
  if (!spoken.has('stop') && stop.length > 0) drop(lost, 'stop', `${target} has no stop sequences`)
  if (logprobs?.enabled === true) drop(lost, 'logprobs', `${target} has no log probabilities`)
  for (const [index, tool] of tools.entries())
    drop(lost, joinPath('tools', index), `${target} has no tools: ${tool.name} is not offered`)
  if (toolChoice !== undefined && toolChoice.mode !== 'none' && toolChoice.mode !== 'auto')
    drop(lost, 'tool_choice', `${target} has no tools to choose from`)
  if (format !== undefined && format.type !== 'text')
    drop(lost, 'response_format', `${target} has no formats: say in the prompt that the answer is JSON`)
  if (reasoning !== undefined && reasoning.mode !== 'disabled' && reasoning.effort !== 'none')
    drop(lost, 'reasoning', `${target} has no settings of reasoning`)
  if (modalities?.some((modality) => modality !== 'text') === true)
    drop(lost, 'modalities', `${target} answers with text alone`)
}

/** The settings that a protocol with these names has. */
export const spokenOf = (names: SettingNames, ...more: (keyof ChatRequest)[]): ReadonlySet<keyof ChatRequest> =>
  new Set([...(Object.keys(names) as NumberSetting[]), ...more])
