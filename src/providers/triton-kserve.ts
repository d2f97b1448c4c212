/**
 * NVIDIA Triton Inference Server by the generate extension of its HTTP frontend, for servers without the one that speaks OpenAI's protocols
 * (`triton`). The two listen on ports of their own, so they are two drivers.
 */
import { z } from 'zod'
import { baseUrlField } from '../kernel/base-url.ts'
import { defineProvider } from '../kernel/provider.ts'
import { requireCredential, withHeaders } from '../kernel/signature.ts'
import { pathStep } from '../kernel/path-step.ts'

const title = 'NVIDIA Triton, generate extension'

export const tritonKserve = defineProvider({
  id: 'triton-kserve',
  title,
  config: z.strictObject({
    base_url: baseUrlField
      .optional()
      .describe('Address of the HTTP frontend, without the version. `http://127.0.0.1:8000` if not given.'),
  }),
  docs: [
    {
      title: 'Generate Extension',
      url: 'https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/protocol/extension_generate.html',
      read: '2026-11-27',
    },
    {
      title: 'Additional Outputs from vLLM',
      url: 'https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/vllm_backend/docs/additional_outputs.html',
      read: '2026-11-27',
    },
  ],
  env: [],
  offers: [
    {
      operation: 'chat',
      dialect: 'triton-generate',
      verified: true,
      path: (model, stream) => `/v2/models/${pathStep(model)}/generate${stream ? '_stream' : ''}`,
    },
  ],
  keyless: true,
  baseUrl: ({ base_url: base = 'http://127.0.0.1:8000' }) => base,
  sign: (outbound, _config, credential) =>
    credential === undefined
      ? outbound
      : withHeaders(outbound, { authorization: `Bearer ${requireCredential(credential, title)}` }),
})
