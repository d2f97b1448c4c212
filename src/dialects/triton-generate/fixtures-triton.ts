/** Requests, answers, streams and errors as Triton's documentation of the generate extension and of vLLM's backend show them. */
import type { ChatFixture } from '../../kernel/testing/chat-dialect-kit.ts'
import type { JsonObject } from '../../model/json.ts'

const address = { model: 'mymodel' }
const head: JsonObject = { model_name: 'mymodel', model_version: '1' }
const sse = (...events: JsonObject[]): string => events.map((json) => `data: ${JSON.stringify(json)}\n\n`).join('')

export const generations: readonly ChatFixture[] = [
  {
    name: 'a text and nothing else',
    address,
    request: { text_input: 'client input' },
    response: { ...head, text_output: 'model output' },
  },
  {
    name: 'parameters, known and not',
    address,
    request: {
      text_input: 'client input',
      parameters: {
        stream: false,
        temperature: 0,
        top_p: 0.9,
        top_k: 5,
        max_tokens: 99,
        presence_penalty: 0.5,
        frequency_penalty: 0.25,
        exclude_input_in_output: true,
        best_of: 2,
      },
      bad_words: '',
      return_finish_reason: true,
    },
    response: { ...head, text_output: 'x', finish_reason: 'length', num_input_tokens: 3, num_output_tokens: 9 },
  },
  {
    name: 'nulls and outputs of another backend',
    address,
    request: { text_input: '', parameters: null },
    response: { text_output: '', model_name: null, finish_reason: null, cum_log_probs: 0, context_logits: [0] },
  },
  { name: 'parameters that are not there', address, request: { text_input: 'x', parameters: { stream: null } } },
  {
    name: 'a stream',
    stream: sse({ ...head, text_output: 'Grüß' }, { ...head, text_output: '' }, { ...head, text_output: ' Gott' }),
    streamFolds: { ...head, text_output: 'Grüß Gott' },
  },
  {
    name: 'a stream with what vLLM tells besides',
    stream: sse(
      { ...head, text_output: 'Once', finish_reason: null, num_input_tokens: 3, num_output_tokens: 1 },
      { ...head, text_output: ' upon', finish_reason: 'length', num_input_tokens: 3, num_output_tokens: 2 },
    ),
    streamFolds: {
      ...head,
      text_output: 'Once upon',
      finish_reason: 'length',
      num_input_tokens: 3,
      num_output_tokens: 3,
    },
  },
  { name: 'a stream that an error ends', stream: sse({ ...head, text_output: 'Once' }, { error: 'out of memory' }) },
  {
    name: 'a stream that breaks off',
    stream: sse({ ...head, text_output: 'Once' }, { ...head, text_output: 'x' }).slice(0, -3),
  },
  {
    name: 'a refused request',
    fault: { status: 400, body: { error: "failed to parse the request JSON buffer: 'x'" } },
  },
]
