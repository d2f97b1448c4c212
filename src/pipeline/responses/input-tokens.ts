/** Counting the input of a response without making one: `POST /v1/responses/input_tokens`, as a protocol of its own over that of responses. */
import type { AnyDialect } from '../../kernel/deployment.ts'
import { Fault } from '../../model/fault.ts'
import { isJsonObject } from '../../model/json.ts'
import type { TokenCount } from '../../model/token-count.ts'

/** https://developers.openai.com/api/reference/resources/responses/subresources/input_tokens/methods/count */
export function inputTokensDialect(responses: AnyDialect): AnyDialect {
  return {
    ...responses,
    id: `${responses.id}-input-tokens`,
    operation: 'count-tokens',
    // A count is never streamed, whatever the response would be.
    head: (body, address) => ({ ...responses.head(body, address), stream: false }),
    response: {
      decode(json): TokenCount {
        const count = isJsonObject(json) ? json['input_tokens'] : undefined
        if (typeof count !== 'number') throw new Fault('provider_malformed', 'The answer has no `input_tokens`.')
        return { inputTokens: count }
      },
      encode: (count) => ({
        json: { object: 'response.input_tokens', input_tokens: (count as TokenCount).inputTokens },
        lost: [],
      }),
    },
    facts: () => ({}),
  }
}
