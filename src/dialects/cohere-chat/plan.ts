/**
 * The plan that Cohere's models tell before they call tools, in a member of its own (`tool_plan`). It is reasoning like their thinking;
 * the mark that sets it apart stands where other providers have a signature, since that comes back from clients of any protocol.
 */
import type { ReasoningPart } from '../../model/part.ts'
import { dialectId } from './dialect-id.ts'

const planMark = 'tool_plan'

export function planPart(text: string): ReasoningPart {
  return { type: 'reasoning', text, signature: planMark, origin: dialectId, form: { [dialectId]: {} } }
}

export function isPlan(part: ReasoningPart): boolean {
  return part.origin === dialectId && part.signature === planMark
}
