/**
 * What a router's `override` may make a request cost at a target: it is put into the body as it is, so money has to be held for what it lets the
 * model write, and not for what the client asked.
 */
import type { Deployment } from '../kernel/deployment.ts'
import { isJsonObject } from '../model/json.ts'
import type { JsonValue } from '../model/json.ts'

export interface OverrideBounds {
  /** Tokens of an answer; `none` where the client's own bound may be gone. Undefined where that stays as it is. */
  readonly maxOutput?: number | 'none'
  /** Answers that are asked for. */
  readonly answers?: number
  /** Tokens that it adds to the prompt, at most. */
  readonly input: number
}

type Overrides = NonNullable<Deployment['overrides']>

/** In any protocol, without the marks between words. */
const limitsOutput = /^(?:max(?:completion|output|new|gen)?(?:tokens?|len|tokencount|tokenstosample)|numpredict)$/
const limitsAnswers = /^(?:n|candidatecount|numgenerations|numreturnsequences|bestof)$/
/** Members that have the bounds within them: one that is put in place of the client's has what it says, and no more. */
const holders = new Set(['generationconfig', 'inferenceconfig', 'textgenerationconfig', 'options', 'parameters'])
const bytesPerToken = 3

const known = new WeakMap<Overrides, OverrideBounds>()

export function overrideBounds(overrides: Overrides | undefined): OverrideBounds | undefined {
  if (overrides === undefined) return undefined
  let bounds = known.get(overrides)
  if (bounds === undefined) known.set(overrides, (bounds = boundsOf(overrides)))
  return bounds
}

function boundsOf(overrides: Overrides): OverrideBounds {
  let maxOutput: OverrideBounds['maxOutput']
  let answers: number | undefined
  let input = 0
  const most = (one: OverrideBounds['maxOutput'], other: number | 'none'): number | 'none' =>
    one === 'none' || other === 'none' ? 'none' : Math.max(one ?? 0, other)
  for (const [name, text] of Object.entries(overrides)) {
    const spelled = plain(name)
    const value = text === undefined ? undefined : (JSON.parse(text) as JsonValue)
    if (limitsOutput.test(spelled)) maxOutput = most(maxOutput, boundIn(value))
    else if (limitsAnswers.test(spelled)) answers = Math.max(answers ?? 0, numberIn(value) ?? 1)
    else if (holders.has(spelled)) {
      const members = isJsonObject(value) ? Object.entries(value) : []
      const told = members.filter(([member]) => limitsOutput.test(plain(member))).map(([, bound]) => boundIn(bound))
      maxOutput = told.reduce(most, told.length === 0 ? 'none' : maxOutput)
      for (const [member, count] of members)
        if (limitsAnswers.test(plain(member))) answers = Math.max(answers ?? 0, numberIn(count) ?? 1)
    } else if (text !== undefined) input += Math.ceil(Buffer.byteLength(text) / bytesPerToken)
  }
  return {
    ...(maxOutput !== undefined && { maxOutput }),
    ...(answers !== undefined && { answers }),
    input,
  }
}

const plain = (name: string): string => name.replaceAll(/[_-]/g, '').toLowerCase()

const numberIn = (value: JsonValue | undefined): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined

/** What is left out, or no number, is no bound. */
const boundIn = (value: JsonValue | undefined): number | 'none' => numberIn(value) ?? 'none'
