/** Two rewritings of one request: what the second made of it is undone first. */
import type { EventReshaper, Reshaper } from '../../kernel/reshaper.ts'

/** Without `again`, which is the business of whoever rewrote the request twice. */
export function chained(inner: Reshaper, outer: Reshaper): Omit<Reshaper, 'again'> {
  return {
    response: (answer) => outer.response(inner.response(answer)),
    events(): EventReshaper {
      const first = inner.events()
      const second = outer.events()
      return { push: (event) => first.push(event).flatMap((given) => second.push(given)) }
    },
  }
}
