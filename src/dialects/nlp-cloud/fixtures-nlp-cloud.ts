/** Requests, answers and errors in the shapes of NLP Cloud's official clients and their documentation. */
import type { ChatFixture } from '../../kernel/testing/chat-dialect-kit.ts'
import type { JsonObject } from '../../model/json.ts'

const address = { model: 'dolphin' }
const generated: JsonObject = {
  generated_text: 'is a powerful model.',
  nb_generated_tokens: 33,
  nb_input_tokens: 7,
}
const line = (json: JsonObject): string => `${JSON.stringify(json)}\n`

export const generations: readonly ChatFixture[] = [
  { name: 'a text and nothing else', address, request: { text: 'GPT-J' }, response: generated },
  {
    name: 'everything that the clients write',
    address: { model: 'custom_model/2568', stream: true },
    request: {
      text: 'GPT-J',
      max_length: 50,
      length_no_input: true,
      end_sequence: '###',
      remove_input: false,
      num_beams: 1,
      num_return_sequences: 1,
      top_k: 0,
      top_p: 0.7,
      temperature: 0.8,
      repetition_penalty: 1,
      bad_words: ['bad'],
      remove_end_sequence: true,
    },
    response: { generated_text: '' },
  },
  {
    name: 'nulls, as the clients write them',
    address,
    request: { text: '', max_length: null, length_no_input: null, end_sequence: null, top_p: null, bad_words: null },
    response: { generated_text: 'Yes.', nb_generated_tokens: null, nb_input_tokens: 3 },
  },
  { name: 'an answer as a stream', stream: line(generated), streamFolds: generated },
  { name: 'an answer without a line end', stream: JSON.stringify({ ...generated, x: { y: 1 } }) },
  { name: 'an error in place of an answer', stream: line({ detail: 'The model is loading.' }) },
  { name: 'an answer that breaks off', stream: '{"generated_text":"is a' },
  { name: 'a refused request', fault: { status: 422, body: { detail: 'text is too long' } } },
  { name: 'too many requests', fault: { status: 429, body: { detail: 'Too many requests' } } },
]

const talk: JsonObject = {
  response: 'Of course.',
  history: [
    { input: 'Hello', response: 'Hi.' },
    { input: 'Can you help?', response: 'Of course.' },
  ],
}

export const chats: readonly ChatFixture[] = [
  { name: 'an input and nothing else', address, request: { input: 'Hello' }, response: { response: 'Hi.' } },
  {
    name: 'a conversation',
    address,
    request: { input: 'Can you help?', context: 'You are kind.', history: [{ input: 'Hello', response: 'Hi.' }] },
    response: talk,
  },
  {
    name: 'nulls and blanks',
    address,
    request: { input: '', context: '', history: [] },
    response: { response: '', history: null },
  },
  { name: 'nulls alone', address, request: { input: 'Hello', context: null, history: null } },
  { name: 'blanks in the history', address, request: { input: 'x', history: [{ input: '', response: '' }] } },
  { name: 'an answer as a stream', stream: line(talk), streamFolds: talk },
  { name: 'an answer that breaks off', stream: '{"response":"is a' },
  { name: 'a model that is not there', fault: { status: 404, body: { detail: 'Not Found' } } },
]
