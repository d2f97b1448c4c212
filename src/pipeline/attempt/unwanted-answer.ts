/** Of answers that are not wanted, or not wholly there: what they consumed by then, and that a filter stopped them. */
import type { Exchange } from '../../kernel/exchange.ts'
import { Fault } from '../../model/fault.ts'
import type { Finish } from '../../model/finish.ts'
import type { Usage } from '../../model/usage.ts'
import { inputEstimateOf } from '../input-estimate.ts'
import type { Relay } from './relay.ts'

/** Bytes of an answer to a token, whatever is around its text. */
const bytesPerToken = 4

export const isFiltered = (finish: Finish | undefined): boolean =>
  finish?.reason === 'content-filter' || finish?.reason === 'refusal'

/** The provider's filter stopped it: said in a good answer, so in the words that it would have had for a refusal. */
export const filteredFault = (provider: string): Fault =>
  new Fault('provider_rejected', `The content filter of ${provider} stopped the answer.`, {
    upstream: { provider, code: 'content_filter' },
  })

export const estimated = (exchange: Exchange, bytes: number): Usage => ({
  input: { total: inputEstimateOf(exchange) },
  output: { total: Math.ceil(bytes / bytesPerToken) },
  estimated: true,
})

/** By now, as far as anybody can know. */
export function consumedBy(exchange: Exchange, relay: Relay | undefined, bytes: number): Usage {
  const told = relay?.facts().usage
  const written = relay?.estimatedOutput ?? Math.ceil(bytes / bytesPerToken)
  if (told !== undefined)
    return { ...told, output: { ...told.output, total: Math.max(written, told.output.total) }, estimated: true }
  const { units, unitKinds } = exchange.head
  return {
    input: { total: inputEstimateOf(exchange) },
    output: { total: written },
    ...(units !== undefined && { units }),
    ...(units !== undefined && unitKinds !== undefined && { unitKinds }),
    estimated: true,
  }
}
