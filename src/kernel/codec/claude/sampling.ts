/** Temperature, top_p and top_k of a foreign request, within what the model accepts: Claude refuses much that others take. */
import type { ChatRequest } from '../../../model/chat.ts'
import type { JsonObject } from '../../../model/json.ts'
import type { Loss } from '../../../model/loss.ts'
import type { ModelTraits } from './models.ts'

export function encodeForeignSampling(
  request: ChatRequest,
  traits: ModelTraits,
  thinks: boolean,
  lost: Loss[],
): JsonObject {
  const { temperature, topP, topK } = request
  const sampling: JsonObject = {}
  const drop = (path: string, reason: string): void => void lost.push({ path, kind: 'dropped', reason })
  const refusal = traits.refusesSampling
    ? 'the model takes no sampling settings'
    : thinks && traits.claude
      ? 'the model samples freely while it thinks'
      : undefined

  if (temperature !== undefined) {
    // One is the default: left out, it is what was asked for.
    if (refusal !== undefined) {
      if (temperature !== 1) drop('temperature', refusal)
    } else if (temperature > 1) {
      sampling['temperature'] = 1
      lost.push({ path: 'temperature', kind: 'adapted', reason: 'temperatures here end at 1' })
    } else sampling['temperature'] = temperature
  }
  if (topP !== undefined && topP !== 1) {
    if (traits.refusesSampling) drop('top_p', 'the model takes no sampling settings')
    else if (thinks && traits.claude && topP < 0.95) drop('top_p', 'the model takes 0.95 and more while it thinks')
    else if (traits.oneSampler && sampling['temperature'] !== undefined)
      drop('top_p', 'the model takes either temperature or top_p')
    else sampling['top_p'] = topP
  }
  if (topK !== undefined) {
    if (refusal === undefined) sampling['top_k'] = topK
    else drop('top_k', refusal)
  }
  return sampling
}
