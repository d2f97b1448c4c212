/**
 * NLP Cloud by its own API: generation, or a chatbot where `protocol` says so. Models stand in the path, behind the kind of machine and the
 * language. No page of its documentation could be read, so the facts are those of its official clients, which are in its own hands.
 */
import { z } from 'zod'
import { baseUrlField } from '../kernel/base-url.ts'
import { defineProvider } from '../kernel/provider.ts'
import type { Offer } from '../kernel/provider.ts'
import { requireCredential, withHeaders } from '../kernel/signature.ts'
import { pathStep } from '../kernel/path-step.ts'

const title = 'NLP Cloud'

/** Models of one's own are `custom_model/ID`. */
const pathOf = (model: string): string => model.split('/').map(pathStep).join('/')

const offersAt = (prefix: string): readonly Offer[] => [
  {
    operation: 'chat',
    dialect: 'nlp-cloud-generation',
    verified: true,
    path: (model) => `${prefix}/${pathOf(model)}/generation`,
  },
  {
    operation: 'chat',
    dialect: 'nlp-cloud-chatbot',
    verified: true,
    path: (model) => `${prefix}/${pathOf(model)}/chatbot`,
  },
]

export const nlpCloud = defineProvider({
  id: 'nlp-cloud',
  title,
  config: z.strictObject({
    base_url: baseUrlField
      .optional()
      .describe('Address of the service, without the version, which is added. `https://api.nlpcloud.io` if not given.'),
    gpu: z.boolean().prefault(true).describe('Whether models run on GPUs, as large ones have to.'),
    lang: z
      .string()
      .regex(/^[A-Za-z_]{2,16}$/, 'must be a code of a language, such as fra_Latn')
      .optional()
      .describe('Language of the texts, for the multilingual add-on.'),
  }),
  // Its clients read none; these are what LangChain and LiteLLM read.
  env: ['NLPCLOUD_API_KEY', 'NLP_CLOUD_API_KEY'],
  offers: offersAt('/v1/gpu'),
  offersOf: ({ gpu, lang }) => offersAt(['/v1', gpu ? 'gpu' : [], lang ?? []].flat().join('/')),
  keyUrl: 'https://nlpcloud.com/home/token',
  docs: [
    { title: 'Node.js client', url: 'https://github.com/nlpcloud/nlpcloud-js', read: '2026-11-27' },
    { title: 'Python client', url: 'https://github.com/nlpcloud/nlpcloud-python', read: '2026-11-27' },
  ],
  baseUrl: ({ base_url: base = 'https://api.nlpcloud.io' }) => base,
  sign: (outbound, _config, credential) =>
    withHeaders(outbound, { authorization: `Token ${requireCredential(credential, title)}` }),
})
