/** Signatures on parts become reasoning beside them, and are put back from wherever other protocols had that. */
import { describe, expect, it } from 'vitest'
import type { ChatRequest } from '../../model/chat.ts'
import type { JsonObject } from '../../model/json.ts'
import type { Part, ReasoningPart } from '../../model/part.ts'
import { gemini } from './index.ts'
import { placeholderSignature, sealedMark, sealSignature, unsealSignature } from './signatures.ts'

const answer = (...parts: JsonObject[]): readonly Part[] =>
  gemini.response.decode({ candidates: [{ content: { parts, role: 'model' }, finishReason: 'STOP' }] }).choices[0]
    ?.parts ?? []

/** As another protocol gives parts back: without notes on how they were spelled. */
const bare = (part: Part): Part => {
  const { form: _, ...rest } = part
  return rest
}

function sent(parts: readonly Part[], model = 'gemini-3-pro-preview'): JsonObject[] {
  const request: ChatRequest = {
    model: 'm',
    stream: false,
    messages: [
      { role: 'user', parts: [{ type: 'text', text: 'Hi' }] },
      { role: 'assistant', parts },
      { role: 'user', parts: [{ type: 'text', text: 'And?' }] },
    ],
  }
  const { json } = gemini.request.encode(request, { model })
  const contents = (json as { contents: { parts: JsonObject[] }[] }).contents
  return contents[1]?.parts ?? []
}

const call = (name: string): JsonObject => ({ functionCall: { id: name, name, args: {} } })
const png = { inlineData: { mimeType: 'image/png', data: 'iVBORw0KGgo=' } }

describe('a signature of Gemini', () => {
  it('stands before the part it was on, or behind a text', () => {
    expect(answer({ ...call('f'), thoughtSignature: 'AA==' })).toMatchObject([
      { type: 'reasoning', text: '', origin: 'gemini', signature: 'AA==', encrypted: 'tool-call:0' },
      { type: 'tool-call', name: 'f' },
    ])
    expect(answer({ text: 'Hi', thoughtSignature: 'AA==' })).toMatchObject([
      { type: 'text', text: 'Hi' },
      { type: 'reasoning', text: '', origin: 'gemini', signature: 'AA==', encrypted: 'text:0' },
    ])
  })

  const turn: JsonObject[] = [
    { thought: true, text: 'Hm' },
    { text: 'Let me look.', thoughtSignature: 'VA==' },
    { ...png, thoughtSignature: 'SQ==' },
    { ...call('f'), thoughtSignature: 'Rg==' },
    call('g'),
    { ...call('h'), thoughtSignature: 'SA==' },
  ]

  it('returns to its part where the order was kept', () => {
    expect(sent(answer(...turn).map(bare))).toEqual(turn)
  })

  it('returns to its part where all reasoning was put first', () => {
    const parts = answer(...turn).map(bare)
    const first = parts.filter(({ type }) => type === 'reasoning')
    const rest = parts.filter(({ type }) => type !== 'reasoning')
    expect(sent([...first, ...rest])).toEqual(turn)
  })

  it('returns to the text that several have become', () => {
    const parts = answer({ text: 'One', thoughtSignature: 'MQ==' }, { text: 'Two', thoughtSignature: 'Mg==' }).map(bare)
    const reasoning = parts.filter(({ type }) => type === 'reasoning')
    expect(sent([...reasoning.slice(1), { type: 'text', text: 'OneTwo' }])).toEqual([
      { text: 'OneTwo', thoughtSignature: 'Mg==' },
    ])
    expect(sent(reasoning.slice(0, 1))).toEqual([{ text: '', thoughtSignature: 'MQ==' }])
  })

  it('finds the first call when others have carried it', () => {
    const carried: ReasoningPart = { type: 'reasoning', text: '', origin: 'gemini', encrypted: 'RW5jcnlwdGVk' }
    const parts: Part[] = [
      carried,
      { type: 'text', text: 'So' },
      { type: 'tool-call', id: 'f', name: 'f', arguments: '{}' },
    ]
    expect(sent(parts)).toEqual([{ text: 'So' }, { ...call('f'), thoughtSignature: 'RW5jcnlwdGVk' }])
  })

  it('ends a thought that comes back in pieces', () => {
    const piece = (text: string, signature?: string): ReasoningPart => ({
      type: 'reasoning',
      text,
      origin: 'gemini',
      summary: true,
      ...(signature !== undefined && { signature }),
    })
    expect(sent([piece('One '), piece('two'), piece('', 'AA=='), { type: 'text', text: 'Hi' }])).toEqual([
      { thought: true, text: 'One two', thoughtSignature: 'AA==' },
      { text: 'Hi' },
    ])
  })

  it('is replaced by what Google documents for calls that lack theirs, of models that ask for it', () => {
    const parts: Part[] = ['f', 'g'].map((id) => ({ type: 'tool-call', id, name: id, arguments: '{}' }))
    expect(sent(parts)).toEqual([{ ...call('f'), thoughtSignature: placeholderSignature }, call('g')])
    expect(sent(parts, 'gemini-2.5-pro')).toEqual([call('f'), call('g')])
  })

  it('is not made up for clients of its own protocol', () => {
    const body = {
      contents: [
        { role: 'model', parts: [call('f')] },
        { role: 'user', parts: [{ text: 'Hi' }] },
      ],
    }
    expect(gemini.request.encode(gemini.request.decode(body), { model: 'gemini-3-pro-preview' }).json).toEqual(body)
  })
})

describe("another provider's reasoning", () => {
  const part: ReasoningPart = { type: 'reasoning', text: 'Hm', signature: 'c2ln', origin: 'anthropic-messages' }

  it('is shown as a thought whose signature is base64, and comes back as it was', () => {
    const { json } = gemini.response.encode(
      { id: 'a', model: 'm', choices: [{ index: 0, parts: [part, { ...part, text: '', encrypted: 'ZW5j' }] }] },
      { model: 'm' },
    )
    const [candidate] = (json as { candidates: { content: { parts: JsonObject[] } }[] }).candidates
    const parts = candidate?.content.parts ?? []
    for (const { thought, thoughtSignature } of parts) {
      expect(thought).toBe(true)
      expect(thoughtSignature).toMatch(/^[A-Za-z0-9+/]+=*$/)
      expect(JSON.stringify({ thoughtSignature })).toContain(sealedMark)
    }
    const urlSafe = parts.map((one) => ({
      ...one,
      thoughtSignature: (one['thoughtSignature'] as string).replaceAll('/', '_'),
    }))
    const again = gemini.request.decode({ contents: [{ role: 'model', parts: urlSafe }] }).messages[0]?.parts
    expect(again).toMatchObject([part, { ...part, text: '', encrypted: 'ZW5j' }])
  })

  it('has to be translated out of a request, and never reaches Google', () => {
    const body = {
      contents: [
        {
          role: 'model',
          parts: [{ thought: true, text: 'Hm', thoughtSignature: sealSignature(part) }, { text: 'Hi' }],
        },
      ],
    }
    const { json, lost } = gemini.request.encode(gemini.request.decode(body), { model: 'gemini-2.5-pro' })
    expect(json).toEqual({ contents: [{ role: 'model', parts: [{ text: 'Hi' }] }] })
    expect(lost).toHaveLength(1)
  })

  it("is told from Google's own signatures", () => {
    expect(unsealSignature('EqsFCqgFAb4+9vvt')).toBeUndefined()
    expect(unsealSignature(sealSignature(part))).toEqual({ origin: 'anthropic-messages', signature: 'c2ln' })
  })
})
