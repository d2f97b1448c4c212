/**
 * Makes the workflow of an order: one of the user's own with what the request says in its places, or the usual one around a checkpoint.
 * Nodes as in https://github.com/comfyanonymous/ComfyUI/blob/master/nodes.py (read 2026-11-27).
 */
import type { JsonObject, JsonValue } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'

export interface Order {
  readonly model: string
  readonly prompt: string
  readonly negative_prompt: string
  readonly width: number
  readonly height: number
  readonly n: number
  readonly seed: number
  readonly steps: number
  readonly cfg: number
  readonly strength: number
  /** Names of pictures on the server; `image` is the first of them. */
  readonly image?: string
  readonly images: readonly string[]
  readonly mask?: string
}

const usual = { negative_prompt: '', width: 1024, height: 1024, n: 1, steps: 20, cfg: 7, strength: 0.75 }

/** `json` is the order as the dialect writes it; `images` and `mask` are what its pictures are called on the server. */
export function orderOf(json: JsonObject, images: readonly string[], mask: string | undefined, seed: number): Order {
  const { images: _, mask: _mask, ...told } = json
  const [image] = images
  return {
    model: '',
    prompt: '',
    ...usual,
    seed,
    ...(told as Partial<Order>),
    images,
    ...(image !== undefined && { image }),
    ...(mask !== undefined && { mask }),
  }
}

const place = /\{\{(\w+)\}\}/g
const onlyPlace = /^\{\{(\w+)\}\}$/

/** What a workflow asks for that the order has not: `image`, or a word that there is not. Undefined where it has everything. */
export function missingIn(workflow: JsonObject, order: Order): string | undefined {
  const names = [...JSON.stringify(workflow).matchAll(place)].map((found) => found[1] ?? '')
  return names.find((name) => valueOf(name, order) === undefined)
}

function valueOf(name: string, order: Order): string | number | undefined {
  const numbered = /^image_(\d+)$/.exec(name)
  if (numbered !== null) return order.images[Number(numbered[1]) - 1]
  if (name === 'images' || !Object.hasOwn(order, name)) return undefined
  return order[name as Exclude<keyof Order, 'images'>]
}

/** What stands alone in its text keeps its type: seeds are numbers. */
export function filled(value: JsonValue, order: Order): JsonValue {
  if (typeof value === 'string') {
    const alone = onlyPlace.exec(value)?.[1]
    if (alone !== undefined) return valueOf(alone, order) ?? value
    return value.replaceAll(place, (all, name: string) => `${valueOf(name, order) ?? all}`)
  }
  if (Array.isArray(value)) return value.map((each) => filled(each, order))
  if (!isJsonObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, filled(each ?? null, order)]))
}

const node = (kind: string, inputs: JsonObject): JsonObject => ({ class_type: kind, inputs })

/** Pictures are shown, not saved, so the server keeps them only until it is started again. */
export function usualWorkflow(order: Order): JsonObject {
  const { model, prompt, negative_prompt: negative, n, seed, steps, cfg, strength, image, mask } = order
  return {
    checkpoint: node('CheckpointLoaderSimple', { ckpt_name: model }),
    positive: node('CLIPTextEncode', { text: prompt, clip: ['checkpoint', 1] }),
    negative: node('CLIPTextEncode', { text: negative, clip: ['checkpoint', 1] }),
    ...(image === undefined ? blank(order) : pictured(image, mask, n)),
    sampler: node('KSampler', {
      model: ['checkpoint', 0],
      positive: ['positive', 0],
      negative: ['negative', 0],
      latent_image: ['latent', 0],
      seed,
      steps,
      cfg,
      sampler_name: 'euler',
      scheduler: 'normal',
      denoise: image === undefined ? 1 : strength,
    }),
    decoded: node('VAEDecode', { samples: ['sampler', 0], vae: ['checkpoint', 2] }),
    shown: node('PreviewImage', { images: ['decoded', 0] }),
  }
}

const blank = ({ width, height, n }: Order): JsonObject => ({
  latent: node('EmptyLatentImage', { width, height, batch_size: n }),
})

/** Of a mask the server takes what can be seen through for what is to change, as OpenAI does. */
function pictured(image: string, mask: string | undefined, n: number): JsonObject {
  return {
    image: node('LoadImage', { image }),
    encoded: node('VAEEncode', { pixels: ['image', 0], vae: ['checkpoint', 2] }),
    ...(mask !== undefined && {
      mask: node('LoadImage', { image: mask }),
      masked: node('SetLatentNoiseMask', { samples: ['encoded', 0], mask: ['mask', 1] }),
    }),
    latent: node('RepeatLatentBatch', { samples: [mask === undefined ? 'encoded' : 'masked', 0], amount: n }),
  }
}
