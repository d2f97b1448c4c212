/**
 * Rewrites a request for a target that lacks something which the gateway can stand in for, and says how to turn the answer back. What
 * nothing stands in for is refused here, so that the next target may be tried.
 */
import type { StructuredOutputPolicy } from '../../kernel/plan.ts'
import type { Reshaper } from '../../kernel/reshaper.ts'
import type { Traits } from '../../kernel/traits.ts'
import type { ChatRequest } from '../../model/chat.ts'
import { Fault } from '../../model/fault.ts'
import type { JsonObject } from '../../model/json.ts'
import type { Loss } from '../../model/loss.ts'
import { chained } from './chain-reshapers.ts'
import { CallsInText } from './emulated-tools/calls-in-text.ts'
import { describeTools, hasCalls } from './emulated-tools/describe-tools.ts'
import { ChoicesReshaper, reshapeResponse } from './reshape-choices.ts'
import type { ReshapeChoice } from './reshape-choices.ts'
import { askForValue, onlyCalls } from './structured-output/ask-for-value.ts'
import type { JsonFormat, Way } from './structured-output/ask-for-value.ts'
import { UnusableSchema } from './structured-output/compile-schema.ts'
import { schemaCheck } from './structured-output/schema-check.ts'
import type { SchemaCheck } from './structured-output/schema-check.ts'
import { valueReshaper } from './structured-output/value-reshaper.ts'

export interface Emulation {
  readonly request: ChatRequest
  /** Absent when the answer needs nothing done to it. */
  readonly reshaper?: Reshaper
  readonly lost: readonly Loss[]
}

export interface EmulationContext {
  readonly traits: Traits
  /** The target's name, for messages. */
  readonly target: string
  readonly policy: StructuredOutputPolicy
}

/** Whether anything can have to be rewritten or checked at all, so that a request has to be looked at. */
export function mayEmulate({ tools, structuredOutput }: Traits, policy: StructuredOutputPolicy): boolean {
  return isLacking(tools) || isLacking(structuredOutput) || policy.validate === 'always'
}

const isLacking = (trait: string | undefined): boolean => trait !== undefined && trait !== 'native'

/** The same request, and no reshaper, where the target has all that it takes. */
export function emulate(request: ChatRequest, context: EmulationContext): Emulation {
  const { traits, target } = context
  if (traits.tools === 'none' && (request.tools?.length ?? 0) > 0) {
    throw new Fault(
      'not_expressible',
      `${target} has no tools. Send the request without \`tools\`, choose another model, or set \`supports: { tools: emulated }\` for it.`,
      { param: 'tools' },
    )
  }
  const valued = withValue(request, context)
  return traits.tools === 'emulated' && ((request.tools?.length ?? 0) > 0 || hasCalls(request))
    ? withDescribedTools(valued)
    : valued
}

/** How often, at most, this target may be called for one answer to the request. */
export function asksFor(request: ChatRequest, traits: Traits, policy: StructuredOutputPolicy): number {
  const format = jsonFormatOf(request)
  return format === undefined || wayOf(request, traits, policy) === undefined ? 1 : 1 + policy.repairs
}

function withValue(request: ChatRequest, { traits, target, policy }: EmulationContext): Emulation {
  const format = jsonFormatOf(request)
  const way = format === undefined ? undefined : wayOf(request, traits, policy)
  if (format === undefined || way === undefined) return { request, lost: [] }
  if (onlyCalls(request)) {
    if (way === 'plain') return { request, lost: [] }
    const { format: _, ...rest } = request
    return { request: rest, lost: [] }
  }
  const asked = askForValue(request, format, way)
  const schema = checkOf(asked.schema, target)
  return {
    request: asked.request,
    reshaper: valueReshaper({ asked, schema, target, repairs: policy.repairs }),
    lost: [],
  }
}

function jsonFormatOf({ format }: ChatRequest): JsonFormat | undefined {
  return format === undefined || format.type === 'text' ? undefined : format
}

function wayOf(request: ChatRequest, traits: Traits, policy: StructuredOutputPolicy): Way | undefined {
  const { tools = 'native', structuredOutput = 'native' } = traits
  const calls = (request.tools?.length ?? 0) > 0 && request.toolChoice?.mode !== 'none'
  // Held to the schema by the service, a model could not write a call; and a tool that is only described holds it to nothing.
  if (tools === 'emulated' && calls) return 'prompt'
  if (structuredOutput === 'tool') return tools === 'native' ? 'tool' : 'prompt'
  if (structuredOutput === 'prompt') return 'prompt'
  return policy.validate === 'always' ? 'plain' : undefined
}

function checkOf(schema: JsonObject, target: string): SchemaCheck {
  try {
    return schemaCheck(schema)
  } catch (error) {
    if (!(error instanceof UnusableSchema)) throw error
    throw new Fault(
      'not_expressible',
      `The JSON schema ${error.message}. The gateway has to hold the answers of ${target} to it. Change the schema, or choose a model that has structured output of its own.`,
      { param: 'response_format' },
    )
  }
}

function withDescribedTools({ request, reshaper, lost }: Emulation): Emulation {
  const described = describeTools(request)
  const whole = { request: described.request, lost: [...lost, ...described.lost] }
  const calls =
    described.tools.size === 0
      ? undefined
      : callsReshaper((choice, answerId) => new CallsInText(described, choice, answerId))
  if (reshaper === undefined) return calls === undefined ? whole : { ...whole, reshaper: calls }
  return {
    ...whole,
    reshaper: {
      ...(calls === undefined ? reshaper : chained(calls, reshaper)),
      again() {
        const again = reshaper.again?.()
        if (again === undefined) return undefined
        const { request: next, reshaper: back } = withDescribedTools({ ...again, lost: [] })
        return back === undefined ? undefined : { request: next, reshaper: back }
      },
    },
  }
}

function callsReshaper(make: ReshapeChoice): Reshaper {
  return {
    response: (answer) => reshapeResponse(answer, make),
    events: () => new ChoicesReshaper(make),
  }
}
