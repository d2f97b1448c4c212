/** What Azure's content filters said of an answer: read as verdicts, and kept as it was. */
import { describe, expect, it } from 'vitest'
import { Body } from '../../kernel/body.ts'
import { foldChat } from '../../model/fold-chat.ts'
import { safetySummary } from '../../model/safety-summary.ts'
import { openaiChat } from './index.ts'

const promptResults = [
  {
    prompt_index: 0,
    content_filter_results: {
      hate: { filtered: false, severity: 'safe' },
      jailbreak: { filtered: false, detected: true },
      custom_blocklists: { filtered: false, details: [] },
      error: { code: 'content_filter_error', message: 'not now' },
    },
  },
]
const choiceResults = {
  self_harm: { filtered: false, severity: 'low' },
  violence: { filtered: true, severity: 'high' },
  protected_material_code: {
    filtered: false,
    detected: false,
    citation: { URL: 'https://code.example', license: 'MIT' },
  },
}
const head = { id: 'chatcmpl-1', created: 1_770_000_000, model: 'gpt-4.1' }
const answer = {
  ...head,
  object: 'chat.completion',
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: 'Well', refusal: null },
      logprobs: null,
      finish_reason: 'content_filter',
      content_filter_results: choiceResults,
    },
  ],
  prompt_filter_results: promptResults,
}
const chunk = (choice: object) => ({ ...head, object: 'chat.completion.chunk', choices: [choice] })
const stream = [
  { id: '', object: '', created: 0, model: '', choices: [], prompt_filter_results: promptResults },
  chunk({ index: 0, delta: { role: 'assistant', content: 'Well' }, finish_reason: null, content_filter_results: {} }),
  chunk({ index: 0, delta: {}, finish_reason: 'content_filter', content_filter_results: choiceResults }),
]
const text = `${stream.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('')}data: [DONE]\n\n`

const verdicts = [
  {
    of: 'input',
    blocked: false,
    ratings: [
      { category: 'hate', level: 'negligible' },
      { category: 'jailbreak', level: 'high' },
      { category: 'custom_blocklists' },
    ],
    origin: 'openai-chat',
  },
  {
    of: 'output',
    choice: 0,
    blocked: true,
    ratings: [
      { category: 'self-harm', level: 'low' },
      { category: 'violence', level: 'high', blocked: true },
      { category: 'copyright', level: 'negligible' },
    ],
    origin: 'openai-chat',
  },
]

describe('content filters', () => {
  it('become verdicts of the prompt and of each choice', () => {
    const decoded = openaiChat.response.decode(answer)
    expect(decoded.safety).toEqual(verdicts)
    expect(safetySummary(decoded.safety ?? [], decoded.choices[0]?.finish)).toBe(
      'input=flagged;categories="jailbreak", output=blocked;categories="violence"',
    )
  })

  it('go back as they came', () => {
    expect(openaiChat.response.encode(openaiChat.response.decode(answer), { model: 'gpt-4.1' })).toEqual({
      json: answer,
      lost: [],
    })
  })

  it('say the same in a stream', () => {
    const decoder = openaiChat.stream?.decoder()
    const events = [...(decoder?.push(Buffer.from(text)) ?? []), ...(decoder?.end() ?? [])]
    expect(foldChat(events).safety).toEqual(verdicts)
  })

  it('are seen in what passes through, whole or as a stream, large answers included', () => {
    const long = { ...answer, choices: answer.choices.map((choice) => ({ ...choice, padding: 'x'.repeat(5000) })) }
    for (const one of [answer, long]) {
      const body = new Body(Buffer.from(JSON.stringify(one)), (json) => openaiChat.response.decode(json))
      expect(openaiChat.facts(body).safety).toEqual(verdicts)
    }
    const observer = openaiChat.stream?.observer({ withholdUsage: false })
    observer?.push(Buffer.from(text))
    expect(observer?.facts().safety).toEqual(verdicts)
  })

  it.each([
    ['nothing', undefined],
    ['no object', 'safe'],
    ['nothing that is a judgement', { hate: 'safe', error: { code: 1 }, violence: { severity: 9 } }],
  ])('say nothing where there is %s', (_what, results) => {
    const quiet = {
      ...answer,
      prompt_filter_results: results,
      choices: [{ ...answer.choices[0], content_filter_results: results }],
    }
    expect(openaiChat.response.decode(JSON.parse(JSON.stringify(quiet))).safety).toBeUndefined()
  })
})
