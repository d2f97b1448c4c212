/**
 * What is paid for, where the provider did not say all of it: estimates in place of what it left out, and what its price is for in place of
 * what it told. A model may be billed by tokens and tell seconds, or the other way round; neither makes its answers free.
 */
import type { Exchange } from '../kernel/exchange.ts'
import { unitRate } from '../model/cost.ts'
import { makesImages } from '../model/operation.ts'
import { piecesOf } from '../model/pieces.ts'
import type { PriceSheet } from '../model/price.ts'
import type { Usage } from '../model/usage.ts'
import { countedInput, inputEstimateOf } from './input-estimate.ts'

export function completeUsage(
  exchange: Exchange,
  told: Usage | undefined,
  early: boolean,
  estimatedOutput: number,
): Usage {
  if (told === undefined || !isBelievable(told)) {
    const units = unansweredUnits(exchange)
    const { unitKinds } = exchange.head
    const input = { total: unansweredInput(exchange) }
    return {
      input,
      output: { total: estimatedOutput },
      ...(units !== undefined && { units }),
      ...(units !== undefined && unitKinds !== undefined && { unitKinds }),
      estimated: true,
    }
  }
  // A stream that ended early has told its input, but not what it had written by then.
  if (early && estimatedOutput > told.output.total) {
    return { ...told, output: { ...told.output, total: estimatedOutput }, estimated: true }
  }
  return told
}

/** Far above what any model takes or writes at once: what is told beyond it is a defect of whoever tells it. */
const mostTokens = 100_000_000

const isBelievable = ({ input, output }: Usage): boolean =>
  [input.total, output.total].every((count) => Number.isFinite(count) && count >= 0 && count <= mostTokens)

/** Of a request that was sent in parts, those that were answered have been accounted for. */
function unansweredInput(exchange: Exchange): number {
  const pieces = answeredPieces(exchange)
  const estimate = countedInput(exchange)
  return pieces === 0 ? estimate : Math.ceil(estimate * (1 - pieces / (exchange.head.inputs ?? pieces)))
}

function answeredPieces({ deployment, parts }: Exchange): number {
  const answered = (deployment === undefined ? undefined : parts.get(deployment.id)) ?? []
  return answered.reduce((sum, { response }) => sum + piecesOf(response), 0)
}

function unansweredUnits(exchange: Exchange): Usage['units'] {
  const { units } = exchange.head
  const images = units?.['images']
  return images === undefined ? units : { ...units, images: Math.max(0, images - answeredPieces(exchange)) }
}

/** The same, with what its price is for. */
export function usageToPay(exchange: Exchange, usage: Usage, price: PriceSheet): Usage {
  const byTokens = price.input !== undefined || price.output !== undefined
  const { head } = exchange
  if (usage.units === undefined) {
    const units = unansweredUnits(exchange)
    if (byTokens || units === undefined) return usage
    return { ...usage, units, ...(head.unitKinds !== undefined && { unitKinds: head.unitKinds }) }
  }
  const isPriced = Object.keys(usage.units).some(
    (name) => unitRate(price, name, usage.unitKinds?.[name] ?? []) !== undefined,
  )
  if (!byTokens || isPriced || usage.output.total > 0) return usage
  return withUsualTokens(exchange, usage, price)
}

/** Where tokens have the only price, and nobody told any, there are as many as usual for what was heard, spoken or painted. */
function withUsualTokens(exchange: Exchange, usage: Usage, price: PriceSheet): Usage {
  const { head, surface } = exchange
  const name = Object.keys(usage.units ?? {}).find((unit) => (head.units?.[unit] ?? 0) > 0)
  const share = name === undefined ? 1 : (usage.units?.[name] ?? 0) / (head.units?.[name] ?? 1)
  const output = Math.ceil((head.usualOutput ?? 0) * share)
  const input = Math.ceil(inputEstimateOf(exchange) * share)
  const hears = surface.operation === 'transcribe' || surface.operation === 'translate-audio'
  return {
    ...usage,
    input:
      usage.input.total > 0
        ? usage.input
        : { total: input, ...(hears && price.inputAudio !== undefined && { audio: input }) },
    output: {
      total: output,
      ...(makesImages(surface.operation) && { image: output }),
      ...(surface.operation === 'speech' && price.outputAudio !== undefined && { audio: output }),
    },
  }
}
