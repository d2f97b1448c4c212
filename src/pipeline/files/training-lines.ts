/**
 * Whether a file is something to train a model with: JSON Lines, each with messages, or with a prompt and what should follow. Told by the
 * line, before a provider takes hours to find out. Holds one line at a time.
 * https://developers.openai.com/api/docs/guides/supervised-fine-tuning (read 2026-11-27)
 */
import { Fault } from '../../model/fault.ts'
import { isJsonObject } from '../../model/json.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'

/** Bytes; an example has to fit into a model's context. */
const longestLine = 16 << 20
const lineFeed = 0x0a

/** Throws a Fault (`invalid_request`) that names the line. */
export async function checkTrainingLines(bytes: AsyncIterable<Uint8Array>): Promise<void> {
  let [line, held] = [1, 0]
  let pieces: Uint8Array[] = []
  let examples = 0
  const take = (): void => {
    const text = decoded(Buffer.concat(pieces), line)
    if (text !== '') {
      checkExample(text, line)
      examples += 1
    }
    pieces = []
    held = 0
    line += 1
  }
  for await (const chunk of bytes) {
    let start = 0
    for (let end = chunk.indexOf(lineFeed); end !== -1; end = chunk.indexOf(lineFeed, start)) {
      pieces.push(chunk.subarray(start, end))
      take()
      start = end + 1
    }
    const rest = chunk.subarray(start)
    if (rest.length > 0) pieces.push(Buffer.from(rest))
    held += rest.length
    if (held > longestLine) throw wrong(line, `is longer than ${longestLine} bytes`)
  }
  take()
  if (examples === 0) throw new Fault('invalid_request', '`file` has no example to train with.', { param: 'file' })
}

function decoded(bytes: Uint8Array, line: number): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).trim()
  } catch {
    throw wrong(line, 'is not valid UTF-8')
  }
}

function checkExample(text: string, line: number): void {
  let example: unknown
  try {
    example = JSON.parse(text)
  } catch (cause) {
    throw wrong(line, `is not valid JSON (${cause instanceof Error ? cause.message.slice(0, 100) : 'syntax'})`)
  }
  if (!isJsonObject(example)) throw wrong(line, 'is not a JSON object')
  const messages = messagesOf(example)
  if (messages === undefined) {
    if (!hasText(example)) throw wrong(line, 'has neither `messages`, nor `prompt` and `completion`, nor `text`')
    return
  }
  if (!Array.isArray(messages) || messages.length === 0)
    throw wrong(line, 'has `messages` that are no list of messages')
  for (const [index, message] of messages.entries()) {
    if (!isJsonObject(message) || typeof message['role'] !== 'string')
      throw wrong(line, `has \`messages[${index}]\` without a \`role\``)
    if (
      message['content'] === undefined &&
      message['tool_calls'] === undefined &&
      message['function_call'] === undefined
    )
      throw wrong(line, `has \`messages[${index}]\` without \`content\``)
  }
}

/** Preferences have them within what was asked. */
function messagesOf({ messages, input }: JsonObject): JsonValue | undefined {
  return messages ?? (isJsonObject(input) ? input['messages'] : undefined)
}

const hasText = ({ prompt, completion, text }: JsonObject): boolean =>
  (typeof prompt === 'string' && typeof completion === 'string') || typeof text === 'string'

const wrong = (line: number, what: string): Fault =>
  new Fault('invalid_request', `Line ${line} of \`file\` ${what}: a file to train with has one example a line.`, {
    param: 'file',
  })
