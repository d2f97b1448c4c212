/** What a request for pictures may ask for beside words and pictures, and what becomes of it at services that have no words for it. */
import { Fault } from '../../../model/fault.ts'
import type { ImageRequest } from '../../../model/image.ts'
import { adapt, drop } from '../../../model/loss.ts'
import type { Loss } from '../../../model/loss.ts'

/** By their names in OpenAI's protocol, or in that of those who made them up. */
const names = {
  quality: 'quality',
  background: 'background',
  format: 'output_format',
  compression: 'output_compression',
  moderation: 'moderation',
  style: 'style',
  inputFidelity: 'input_fidelity',
  user: 'user',
  negativePrompt: 'negative_prompt',
  seed: 'seed',
  steps: 'steps',
  guidance: 'guidance_scale',
  strength: 'strength',
  size: 'size',
  aspectRatio: 'aspect_ratio',
  mask: 'mask',
  n: 'n',
  action: 'action',
} as const

export type ImageOption = keyof typeof names

const options = Object.keys(names) as ImageOption[]

/** What means the same as saying nothing. */
const meansNothing: Readonly<Partial<Record<ImageOption, readonly unknown[]>>> = {
  quality: ['auto', 'standard'],
  background: ['auto'],
  moderation: ['auto'],
  inputFidelity: ['low'],
  size: ['auto'],
  compression: [100],
  n: [1],
}

/**
 * Tells of options that are not among those that the service knows. A picture that is masked, or goes on from another, is another picture
 * without it: that is refused (`not_expressible`).
 */
export function dropOptions(request: ImageRequest, id: string, lost: Loss[], known: readonly ImageOption[]): void {
  for (const option of options) {
    const value = request[option]
    if (value === undefined || known.includes(option) || meansNothing[option]?.includes(value) === true) continue
    if (option === 'mask' || option === 'action')
      throw new Fault('not_expressible', `${id} has no words for \`${names[option]}\`.`, { param: names[option] })
    drop(lost, names[option], `${id} has no words for it`)
  }
  if (request.task === 'generate' && request.images.length > 0)
    throw new Fault('not_expressible', 'Pictures to work on go to `/v1/images/edits`.', { param: 'image' })
}

/** One of the service's words, by those of the client; what is none of them is told. */
export function wordOf(
  request: ImageRequest,
  option: 'quality' | 'format' | 'moderation' | 'style',
  words: Readonly<Record<string, string>>,
  id: string,
  lost: Loss[],
): string | undefined {
  const value = request[option]
  if (value === undefined || value === 'auto') return undefined
  if (Object.hasOwn(words, value)) return words[value]
  return drop(lost, names[option], `${id} has no word for ${value}`)
}

/** A number that the service counts in other bounds. */
export function within(
  value: number | undefined,
  least: number,
  most: number,
  path: string,
  lost: Loss[],
): number | undefined {
  if (value === undefined || (value >= least && value <= most)) return value
  const nearest = Math.min(most, Math.max(least, value))
  adapt(lost, path, `it may be ${least} to ${most} there: ${nearest} was sent`)
  return nearest
}

/** Masks are of two kinds: transparent where the picture is to change, as OpenAI has them, or painted in black and white. */
export function tellMask({ mask }: ImageRequest, painted: 'white' | 'black', id: string, lost: Loss[]): void {
  if (mask !== undefined) adapt(lost, 'mask', `${id} changes what is ${painted} in a mask, not what is transparent`)
}
