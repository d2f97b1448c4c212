/** Cases of what else than text goes in and out: pictures, documents, schemas, citations. */
import type { Case } from '../matrix.ts'
import { textBlock } from '../wire/anthropic-wire.ts'

const usage = { input: 21, output: 9 }
const answers = { openai: { text: 'A dot.' }, anthropic: { content: [textBlock('A dot.')] } }
const shows = { text: 'A dot.', finish: 'stop', usage } as const

const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
const pdf = Buffer.from('%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF').toString('base64')
const question = { type: 'text', text: 'What is this?' } as const

const schema = {
  type: 'object',
  properties: { name: { type: 'string' }, age: { type: 'integer' } },
  required: ['name', 'age'],
  additionalProperties: false,
}
const person = '{"name":"Ada","age":36}'
const ask = { role: 'user', content: 'Who?' } as const
const askBlocks = { role: 'user', content: [textBlock('Who?')] }

export const contentCases: readonly Case[] = [
  {
    name: 'a picture by its address',
    asks: {
      openai: {
        messages: [
          {
            role: 'user',
            content: [question, { type: 'image_url', image_url: { url: 'https://example.com/a.png', detail: 'low' } }],
          },
        ],
      },
      anthropic: {
        max_tokens: 100,
        messages: [
          {
            role: 'user',
            content: [question, { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } }],
          },
        ],
      },
    },
    becomes: {
      openai: {
        max_completion_tokens: 100,
        messages: [
          { role: 'user', content: [question, { type: 'image_url', image_url: { url: 'https://example.com/a.png' } }] },
        ],
      },
      anthropic: {
        max_tokens: 64_000,
        messages: [
          {
            role: 'user',
            content: [question, { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } }],
          },
        ],
      },
    },
    lost: { openai: ['messages[0].content[1].detail'] },
    answers,
    shows,
  },
  {
    name: 'a picture as data',
    asks: {
      openai: {
        messages: [
          {
            role: 'user',
            content: [{ type: 'image_url', image_url: { url: `data:image/png;base64,${png}` } }, question],
          },
        ],
      },
      anthropic: {
        max_tokens: 100,
        messages: [
          {
            role: 'user',
            content: [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: png } }, question],
          },
        ],
      },
    },
    becomes: {
      openai: {
        max_completion_tokens: 100,
        messages: [
          {
            role: 'user',
            content: [{ type: 'image_url', image_url: { url: `data:image/png;base64,${png}` } }, question],
          },
        ],
      },
      anthropic: {
        max_tokens: 64_000,
        messages: [
          {
            role: 'user',
            content: [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: png } }, question],
          },
        ],
      },
    },
    answers,
    shows,
  },
  {
    name: 'a PDF document',
    asks: {
      openai: {
        messages: [
          {
            role: 'user',
            content: [
              { type: 'file', file: { filename: 'report.pdf', file_data: `data:application/pdf;base64,${pdf}` } },
              question,
            ],
          },
        ],
      },
      anthropic: {
        max_tokens: 100,
        messages: [
          {
            role: 'user',
            content: [
              {
                type: 'document',
                title: 'report.pdf',
                source: { type: 'base64', media_type: 'application/pdf', data: pdf },
              },
              question,
            ],
          },
        ],
      },
    },
    becomes: {
      openai: {
        max_completion_tokens: 100,
        messages: [
          {
            role: 'user',
            content: [
              { type: 'file', file: { filename: 'report.pdf', file_data: `data:application/pdf;base64,${pdf}` } },
              question,
            ],
          },
        ],
      },
      anthropic: {
        max_tokens: 64_000,
        messages: [
          {
            role: 'user',
            content: [
              {
                type: 'document',
                title: 'report.pdf',
                source: { type: 'base64', media_type: 'application/pdf', data: pdf },
              },
              question,
            ],
          },
        ],
      },
    },
    answers,
    shows,
  },
  {
    name: 'sound and documents of text',
    asks: {
      openai: {
        messages: [
          {
            role: 'user',
            content: [question, { type: 'input_audio', input_audio: { data: 'UklGRg==', format: 'wav' } }],
          },
        ],
      },
      anthropic: {
        max_tokens: 100,
        messages: [
          {
            role: 'user',
            content: [
              {
                type: 'document',
                title: 'Notes',
                source: { type: 'text', media_type: 'text/plain', data: 'Once upon a time.' },
                citations: { enabled: true },
              },
              question,
            ],
          },
        ],
      },
    },
    becomes: {
      openai: {
        max_completion_tokens: 100,
        messages: [{ role: 'user', content: [textBlock('Notes\n\nOnce upon a time.'), question] }],
      },
      anthropic: { max_tokens: 64_000, messages: [{ role: 'user', content: [question] }] },
    },
    lost: {
      openai: ['messages[0].content[1]'],
      anthropic: ['messages[0].content[0]', 'messages[0].content[0].citations'],
    },
    answers,
    shows,
  },
  {
    name: 'an answer by a schema',
    asks: {
      openai: {
        messages: [ask],
        response_format: { type: 'json_schema', json_schema: { name: 'person', schema, strict: true } },
      },
      anthropic: { messages: [ask], max_tokens: 100, output_config: { format: { type: 'json_schema', schema } } },
    },
    becomes: {
      openai: {
        messages: [ask],
        max_completion_tokens: 100,
        response_format: { type: 'json_schema', json_schema: { name: 'response', schema } },
      },
      anthropic: {
        messages: [askBlocks],
        max_tokens: 64_000,
        output_config: { format: { type: 'json_schema', schema } },
      },
    },
    answers: { openai: { text: person }, anthropic: { content: [textBlock(person)] } },
    shows: { text: person, finish: 'stop', usage },
  },
  {
    name: 'an answer in JSON of any kind',
    asks: { openai: { messages: [ask], response_format: { type: 'json_object' } } },
    becomes: { anthropic: { messages: [askBlocks], max_tokens: 64_000 } },
    lost: { openai: ['response_format'] },
    answers: { openai: { text: person }, anthropic: { content: [textBlock(person)] } },
    shows: { text: person, finish: 'stop', usage },
  },
  {
    name: 'an answer that cites the web',
    asks: { openai: { messages: [ask] }, anthropic: { messages: [ask], max_tokens: 100 } },
    becomes: {
      openai: { messages: [ask], max_completion_tokens: 100 },
      anthropic: { messages: [askBlocks], max_tokens: 64_000 },
    },
    answers: {
      openai: {
        text: 'Ada wrote it.',
        annotations: [
          {
            type: 'url_citation',
            url_citation: { url: 'https://example.com/ada', title: 'Ada', start_index: 0, end_index: 13 },
          },
        ],
      },
      anthropic: {
        content: [
          {
            type: 'text',
            text: 'Ada wrote it.',
            citations: [
              {
                type: 'web_search_result_location',
                url: 'https://example.com/ada',
                title: 'Ada',
                cited_text: 'The first program',
                encrypted_index: 'Eo8BCioIAhgBIiQ',
              },
            ],
          },
        ],
      },
    },
    answerLost: {
      openai: ['choices[0].content[0].citations[0]'],
      anthropic: ['choices[0].message.content[0].citations[0]'],
    },
    shows: {
      text: 'Ada wrote it.',
      finish: 'stop',
      usage,
      citations: [{ url: 'https://example.com/ada', title: 'Ada' }],
    },
  },
]
