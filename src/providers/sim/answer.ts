/** Decides what the simulated model says: text, thinking, tool calls or JSON, cut where the request's own limits say so. */
import type { Random } from '../../kernel/clock.ts'
import type { JsonObject } from '../../model/json.ts'
import type { ChosenModel } from './models.ts'
import { badRequest } from './problem.ts'
import { drawProse, drawWords } from './prose.ts'
import { drawInstance } from './schema-instance.ts'
import { drawId, drawInteger, hashText, seeded } from './seeded.ts'
import { countTokens, splitTokens } from './tokens.ts'
import type { Turn, TurnTool } from './turn.ts'

export interface AnswerCall {
  /** Letters and digits; each protocol puts its own prefix before them. */
  readonly id: string
  readonly name: string
  readonly custom: boolean
  /** Tokens of the arguments: JSON, or free text. */
  readonly arguments: readonly string[]
}

export interface AnswerChoice {
  /** Everything as tokens. */
  readonly reasoning: readonly string[]
  readonly text: readonly string[]
  readonly refusal: readonly string[]
  readonly calls: readonly AnswerCall[]
  readonly finish: 'stop' | 'stop-sequence' | 'length' | 'tool-calls' | 'refusal'
  /** The stop sequence that was met. */
  readonly sequence?: string
  readonly tokens: number
}

export interface Answer {
  readonly choices: readonly AnswerChoice[]
  readonly outputTokens: number
  readonly reasoningTokens: number
}

const refusals = [
  'I cannot help with that.',
  'I am not able to assist with this request.',
  'That is something I must decline.',
] as const
const mentioned = 200
/** Tokens of all choices together, each with its alternatives: few requests for more of them would fill the memory. */
const mostWritten = 200_000

/** Whether the user names the tool, one of the words in its name, or asks for a tool at all. */
function asksFor(text: string, tool: TurnTool): boolean {
  const lower = text.toLowerCase()
  const words = tool.name.toLowerCase().split(/[^a-z0-9]+/)
  return lower.includes(tool.name.toLowerCase()) || words.some((word) => word.length >= 4 && lower.includes(word))
}

function calledTools({ tools, choice, results, lastText, parallel }: Turn, calls: number | undefined): TurnTool[] {
  const [first] = tools
  if (first === undefined || choice.mode === 'none' || calls === 0) return []
  const forced = choice.mode !== 'auto'
  const named = tools.find((tool) => (choice.mode === 'tool' ? tool.name === choice.name : asksFor(lastText, tool)))
  const asked =
    named !== undefined || /\b(call|use|run|invoke)\b.*\b(tool|function)/is.test(lastText) || calls !== undefined
  if (!forced && (results.length > 0 || !asked)) return []
  const count = parallel ? (calls ?? 1) : 1
  const start = tools.indexOf(named ?? first)
  return Array.from({ length: count }, (_one, at) => {
    return choice.mode === 'tool' ? (named ?? first) : (tools[(start + at) % tools.length] ?? first)
  })
}

function drawCall(tool: TurnTool, draw: Random): AnswerCall {
  // Services refuse schemas whose root is not an object; where one slips through, arguments are an object all the same.
  const schema: JsonObject = tool.schema['type'] === undefined ? { type: 'object', ...tool.schema } : tool.schema
  const text = tool.custom ? drawWords(draw, 5) : JSON.stringify(drawInstance(schema, draw))
  return { id: drawId(draw, 24), name: tool.name, custom: tool.custom, arguments: splitTokens(text) }
}

function acknowledgements({ media, results }: Turn): string {
  const parts: string[] = []
  const plural = (count: number, thing: string): string => `${count} ${thing}${count === 1 ? '' : 's'}`
  if (media.images > 0) parts.push(`I see ${plural(media.images, 'image')}.`)
  if (media.files > 0) parts.push(`I have read ${plural(media.files, 'file')}.`)
  for (const { name, text } of results) {
    // Cut between characters, never through a surrogate pair.
    const said =
      text.length > mentioned
        ? `${text
            .slice(0, mentioned)
            .toWellFormed()
            .replace(/\ufffd$/, '')}…`
        : text
    parts.push(`The tool ${name} answered: ${said}.`)
  }
  return parts.length === 0 ? '' : `${parts.join(' ')} `
}

function drawText(turn: Turn, model: ChosenModel, draw: Random): string[] {
  const length = model.parameters.tokens ?? 64
  if (model.manner === 'echo') return splitTokens(turn.lastText)
  if (turn.format.type === 'schema') return splitTokens(JSON.stringify(drawInstance(turn.format.schema, draw)))
  if (turn.format.type === 'json') {
    return splitTokens(
      JSON.stringify({ answer: drawProse(draw, Math.min(length, 40)).join(''), confidence: drawInteger(draw, 1, 100) }),
    )
  }
  const before = acknowledgements(turn)
  const prose = drawProse(draw, length)
  return before === '' ? prose : splitTokens(before + prose.join(''))
}

/** Cuts the text before the first stop sequence in it. */
function stopText(tokens: string[], stop: readonly string[]): { text: string[]; sequence?: string } {
  if (stop.length === 0) return { text: tokens }
  const text = tokens.join('')
  let at = -1
  let sequence: string | undefined
  for (const one of stop) {
    const found = text.indexOf(one)
    if (found === -1 || (at !== -1 && found >= at)) continue
    at = found
    sequence = one
  }
  return sequence === undefined ? { text: tokens } : { text: splitTokens(text.slice(0, at)), sequence }
}

function drawChoice(turn: Turn, model: ChosenModel, draw: Random): AnswerChoice {
  let left = turn.maxTokens ?? Infinity
  let cut = false
  const take = (tokens: readonly string[]): readonly string[] => {
    const taken = tokens.length > left ? tokens.slice(0, left) : tokens
    cut ||= taken.length < tokens.length
    left -= taken.length
    return taken
  }
  const refused = model.manner === 'refusal'
  const reasoning = refused ? [] : take(drawProse(draw, model.parameters.reasoning ?? turn.reasoning))
  const refusal = refused ? take(splitTokens(refusals[drawInteger(draw, 0, refusals.length - 1)] ?? refusals[0])) : []
  const calls: AnswerCall[] = []
  const tools = refused || cut ? [] : calledTools(turn, model.parameters.calls)
  let callTokens = 0
  for (const tool of tools) {
    const name = countTokens(tool.name)
    if (name >= left) {
      cut = true
      break
    }
    const call = drawCall(tool, draw)
    left -= name
    const taken = take(call.arguments)
    calls.push({ ...call, arguments: taken })
    callTokens += name + taken.length
    if (cut) break
  }
  const stopped = refused || cut || tools.length > 0 ? { text: [] } : stopText(drawText(turn, model, draw), turn.stop)
  const text = take(stopped.text)
  const sequence = cut ? undefined : stopped.sequence
  return {
    reasoning,
    text,
    refusal,
    calls,
    finish: cut
      ? 'length'
      : refused
        ? 'refusal'
        : calls.length > 0
          ? 'tool-calls'
          : sequence === undefined
            ? 'stop'
            : 'stop-sequence',
    ...(sequence !== undefined && { sequence }),
    tokens: reasoning.length + text.length + refusal.length + callTokens,
  }
}

/** The same for the same turn, model and seed, for ever. */
export function drawAnswer(turn: Turn, model: ChosenModel): Answer {
  let hash = hashText(`${model.manner} ${model.parameters.seed ?? 0} ${turn.seed}`)
  for (const { text } of turn.prompt) hash = hashText(text, hash)
  const choices: AnswerChoice[] = []
  let outputTokens = 0
  let reasoningTokens = 0
  // What stands beside each token in an answer with log probabilities.
  const weight = turn.logprobs === undefined ? 1 : 2 + turn.logprobs
  for (let index = 0; index < turn.n; index++) {
    const choice = drawChoice(turn, model, seeded(hashText(String(index), hash)))
    choices.push(choice)
    outputTokens += choice.tokens
    reasoningTokens += choice.reasoning.length
    if ((turn.n > 1 || weight > 1) && outputTokens * weight > mostWritten)
      throw badRequest(
        turn.n > 1 ? 'n' : 'logprobs',
        'The simulator does not write so much at once: ask for fewer tokens, choices or log probabilities.',
      )
  }
  return { choices, outputTokens, reasoningTokens }
}
