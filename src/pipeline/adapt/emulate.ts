/**
 * Rewrites a request for a target that lacks something which the gateway can stand in for, and says how to turn the answer back. What
 * nothing stands in for is refused here, so that the next target may be tried.
 */
import type { Reshaper } from '../../kernel/reshaper.ts'
import type { Traits } from '../../kernel/traits.ts'
import type { ChatRequest } from '../../model/chat.ts'
import { Fault } from '../../model/fault.ts'

export interface Emulation {
  readonly request: ChatRequest
  /** Absent when nothing had to be rewritten. */
  readonly reshaper?: Reshaper
}

/** Whether these traits can ask for a rewriting at all, so that a request has to be looked at. */
export function mayEmulate({ tools = 'native', structuredOutput = 'native' }: Traits): boolean {
  return tools !== 'native' || structuredOutput !== 'native'
}

export function emulate(request: ChatRequest, traits: Traits, target: string): Emulation {
  if (traits.tools === 'none' && (request.tools?.length ?? 0) > 0) {
    throw new Fault(
      'not_expressible',
      `${target} has no tools. Send the request without \`tools\`, choose another model, or set \`supports: { tools: emulated }\` for it.`,
      { param: 'tools' },
    )
  }
  return { request }
}
