/** NLP Cloud's service: where its models are, by machine and language. */
import { describeProvider } from '../kernel/testing/provider-kit.ts'
import { nlpCloud } from './nlp-cloud.ts'

const at = (prefix: string) => ({
  'nlp-cloud-generation': `${prefix}/generation`,
  'nlp-cloud-chatbot': `${prefix}/chatbot`,
})
const signed = { headers: { authorization: 'Token nlp-1' }, credentialHeader: 'authorization' }

describeProvider(nlpCloud, {
  cases: [
    {
      name: 'nothing but a key',
      config: {},
      credential: 'nlp-1',
      model: 'finetuned-llama-3-70b',
      expect: { baseUrl: 'https://api.nlpcloud.io', paths: at('/v1/gpu/finetuned-llama-3-70b'), ...signed },
    },
    {
      name: 'a model of its own on a CPU',
      config: { gpu: false },
      credential: 'nlp-1',
      model: 'custom_model/2568',
      stream: true,
      expect: { baseUrl: 'https://api.nlpcloud.io', paths: at('/v1/custom_model/2568'), ...signed },
    },
    {
      name: 'a language, and an address of its own',
      config: { lang: 'fra_Latn', base_url: 'https://nlp.example/' },
      credential: 'nlp-1',
      expect: { baseUrl: 'https://nlp.example', paths: at('/v1/gpu/fra_Latn/a-model'), ...signed },
    },
  ],
  refused: [
    { name: 'a base URL that is not http', config: { base_url: 'ftp://api.nlpcloud.io' } },
    { name: 'what is no language', config: { lang: '../../x' } },
    { name: 'a misspelt field', config: { baseurl: 'https://api.nlpcloud.io' } },
  ],
})
