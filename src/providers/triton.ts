/**
 * NVIDIA Triton Inference Server by its OpenAI-compatible frontend, which listens on port 9000 ("OpenAI-Compatible Frontend for Triton
 * Inference Server", docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/client_guide/openai_readme.html, read 2026-11).
 * Restricted endpoints want a header of the operator's choosing, which `headers` can set.
 */
import { z } from 'zod'
import { basePath, baseUrlField } from '../kernel/base-url.ts'
import { defineProvider } from '../kernel/provider.ts'
import { requireCredential, withHeaders } from '../kernel/signature.ts'

const title = 'NVIDIA Triton'

export const triton = defineProvider({
  id: 'triton',
  title,
  config: z.strictObject({
    base_url: baseUrlField
      .optional()
      .describe(
        'Address of the OpenAI-compatible frontend, with or without `/v1`. `http://127.0.0.1:9000` if not given.',
      ),
  }),
  docs: [
    {
      title: 'OpenAI-Compatible Frontend for Triton Inference Server',
      url: 'https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/client_guide/openai_readme.html',
      read: '2026-11-27',
    },
  ],
  env: [],
  offers: [
    {
      operation: 'chat',
      dialect: 'openai-chat',
      verified: true,
      path: () => '/chat/completions',
      // Chat templates of open models know no `developer`.
      traits: () => ({ developerRole: false }),
    },
    { operation: 'chat', dialect: 'openai-completions', verified: true, path: () => '/completions' },
  ],
  keyless: true,
  baseUrl: ({ base_url: base = 'http://127.0.0.1:9000' }) => (basePath(base).endsWith('/v1') ? base : `${base}/v1`),
  sign: (outbound, _config, credential) =>
    credential === undefined
      ? outbound
      : withHeaders(outbound, { authorization: `Bearer ${requireCredential(credential, title)}` }),
  modelsPath: '/models',
})
