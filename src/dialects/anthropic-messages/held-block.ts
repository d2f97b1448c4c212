/**
 * Blocks whose deltas the canonical model has no place for (results of server tools, MCP calls, compaction, whatever comes next): they
 * are put together from their events and passed on whole when they end.
 */
import { parsePreciseJson } from '../../bytes/precise-json.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'

export class HeldBlock {
  #block: JsonObject
  #input = ''

  constructor(block: JsonObject) {
    this.#block = block
  }

  add(delta: JsonObject): void {
    const { type, ...members } = delta
    if (type === 'input_json_delta') {
      if (typeof members['partial_json'] === 'string') this.#input += members['partial_json']
      return
    }
    for (const [key, value] of Object.entries(members)) {
      const before = this.#block[key]
      const grows =
        (type === 'text_delta' || type === 'thinking_delta') && typeof before === 'string' && typeof value === 'string'
      // Deltas of kinds that are not known carry the value that the block ends with.
      this.#block = { ...this.#block, [key]: grows ? before + value : value }
    }
  }

  /** The block with everything that came; throws SyntaxError when its input is not JSON. */
  end(): JsonValue {
    return this.#input === '' ? this.#block : { ...this.#block, input: parsePreciseJson(this.#input) as JsonValue }
  }
}
