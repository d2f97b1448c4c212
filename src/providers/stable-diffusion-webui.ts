/** Servers with AUTOMATIC1111's API at an address of one's own: the web UI, Forge, SD.Next. */
import { z } from 'zod'
import { baseUrlField } from '../kernel/base-url.ts'
import { defineProvider } from '../kernel/provider.ts'
import { requireCredential, withHeaders } from '../kernel/signature.ts'
import { isJsonObject } from '../model/json.ts'

const title = 'Stable Diffusion web UI'
/** As many pictures as a card usually has the memory for at once. */
const most = 4

export const stableDiffusionWebui = defineProvider({
  id: 'stable-diffusion-webui',
  title,
  config: z.strictObject({
    base_url: baseUrlField.describe('Address of the server, which must have been started with `--api`.'),
  }),
  env: [],
  offers: [
    { operation: 'image', dialect: 'webui-txt2img', verified: true, path: () => '/sdapi/v1/txt2img', maxInputs: most },
    {
      operation: 'edit-image',
      dialect: 'webui-img2img',
      verified: true,
      path: () => '/sdapi/v1/img2img',
      maxInputs: most,
    },
    {
      operation: 'vary-image',
      dialect: 'webui-variations',
      verified: true,
      path: () => '/sdapi/v1/img2img',
      maxInputs: most,
    },
  ],
  keyless: true,
  free: () => true,
  docs: [
    {
      title: 'API of the web UI',
      url: 'https://github.com/AUTOMATIC1111/stable-diffusion-webui/wiki/API',
      read: '2026-11-27',
    },
  ],
  baseUrl: ({ base_url: base }) => base,
  /** What `--api-auth` was given: `user:password`. */
  sign(outbound, _config, credential) {
    if (credential === undefined) return outbound
    const key = requireCredential(credential, title)
    return withHeaders(outbound, { authorization: `Basic ${Buffer.from(key).toString('base64')}` })
  },
  modelsPath: '/sdapi/v1/sd-models',
  modelNames({ data: list }) {
    if (!Array.isArray(list)) return undefined
    return list.flatMap((model) => (isJsonObject(model) && typeof model['title'] === 'string' ? [model['title']] : []))
  },
})
