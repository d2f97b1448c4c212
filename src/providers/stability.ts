/** Stability AI: Stable Image and Stable Diffusion, each picture a call. */
import { z } from 'zod'
import { baseUrlField } from '../kernel/base-url.ts'
import { defineProvider } from '../kernel/provider.ts'
import { requireCredential, withHeaders } from '../kernel/signature.ts'
import { pathStep } from '../kernel/path-step.ts'

const title = 'Stability AI'
const base = '/v2beta/stable-image'

/** What is done to a picture, by the names of the tools, which are models here. */
const tools: Readonly<Record<string, string>> = {
  inpaint: 'edit/inpaint',
  erase: 'edit/erase',
  'remove-background': 'edit/remove-background',
  sketch: 'control/sketch',
  structure: 'control/structure',
  style: 'control/style',
  conservative: 'upscale/conservative',
  fast: 'upscale/fast',
}
const generators = ['ultra', 'core', 'sd3.5-large', 'sd3.5-large-turbo', 'sd3.5-medium', 'sd3.5-flash']

/** `stable-image-ultra` is called `ultra` for short. */
const nameOf = (model: string): string => model.replace(/^stable-image-/, '')
const generatePath = (model: string): string =>
  `${base}/generate/${model.startsWith('sd3') ? 'sd3' : pathStep(nameOf(model))}`

export const stability = defineProvider({
  id: 'stability',
  title,
  config: z.strictObject({
    base_url: baseUrlField.optional().describe('Address of the service. `https://api.stability.ai` if not given.'),
  }),
  env: ['STABILITY_API_KEY', 'STABILITY_KEY'],
  offers: [
    {
      operation: 'image',
      dialect: 'stability-generate',
      verified: true,
      serves: (model) => tools[nameOf(model)] === undefined,
      path: generatePath,
      maxInputs: 1,
    },
    {
      operation: 'edit-image',
      dialect: 'stability-edit',
      verified: true,
      // The fastest of them works from words alone.
      serves: (model) => nameOf(model) !== 'core',
      path: (model) => {
        const tool = tools[nameOf(model)]
        return tool === undefined ? generatePath(model) : `${base}/${tool}`
      },
      maxInputs: 1,
    },
  ],
  keyUrl: 'https://platform.stability.ai/account/keys',
  docs: [
    {
      title: 'ComfyUI-SAI_API, Stability AI’s own client',
      url: 'https://github.com/Stability-AI/ComfyUI-SAI_API/blob/main/stability_api.py',
      read: '2026-11-27',
    },
    { title: 'API price update', url: 'https://stability.ai/api-pricing-update-25', read: '2026-11-27' },
  ],
  baseUrl: ({ base_url: url = 'https://api.stability.ai' }) => url,
  sign: (outbound, _config, credential) =>
    withHeaders(outbound, {
      authorization: `Bearer ${requireCredential(credential, title)}`,
      accept: 'application/json',
    }),
  prices: 'stability',
  models: [...generators, ...Object.keys(tools)],
})
