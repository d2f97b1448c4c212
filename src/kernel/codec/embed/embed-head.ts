/** What routing and limits read from a request without decoding its texts, which may be many megabytes. */
import { headModel, headText, requestSpans } from '../request-head.ts'
import { wrongType } from '../member-reader.ts'
import type { Body } from '../../body.ts'
import type { RequestHead } from '../../dialect.ts'
import type { EmbeddingRequest } from '../../../model/embedding.ts'
import { invalidRequest } from '../../../model/fault.ts'
import type { EmbedWire } from './embed-wire.ts'

export function readHead({ request }: EmbedWire, body: Body<EmbeddingRequest>): RequestHead {
  const spans = requestSpans(body)
  const model = headModel(spans)
  const inputs = countInputs(body)
  const endUser = request.user === undefined ? undefined : headText(spans, request.user)
  return { model, stream: false, inputs, ...(endUser !== undefined && { endUser }) }
}

const quote = 0x22
const openBracket = 0x5b
const closeBracket = 0x5d

/** A text is one input, and so is a list of numbers; any other list has one in each of its places. */
function countInputs(body: Body<EmbeddingRequest>): number {
  const spans = body.spans()
  const span = spans.get('input')
  const bytes = body.bytes()
  const first = span === undefined ? undefined : bytes[span.start]
  if (first === quote) return 1
  if (span === undefined || first !== openBracket)
    throw wrongType('input', 'a text, or an array of texts or of tokens', span && spans.json('input'))
  let at = span.start + 1
  while ((bytes[at] ?? closeBracket) <= 0x20) at++
  const item = bytes[at]
  if (item === closeBracket) throw invalidRequest('input', '`input` is empty: send at least one text.')
  return isNumber(item) ? 1 : spans.entries('input')
}

const isNumber = (byte: number | undefined): boolean =>
  byte !== undefined && (byte === 0x2d || (byte >= 0x30 && byte <= 0x39))
