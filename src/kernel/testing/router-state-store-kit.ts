/** What every store of routers' states has to do, whatever it keeps them in. */
import { describe, expect, it } from 'vitest'
import type { RouterStateStore } from '../../stores/router-state-store.ts'

export interface RouterStateFixture extends AsyncDisposable {
  readonly store: RouterStateStore
  /** The same state in a store that was opened anew. */
  reopened(): Promise<RouterStateFixture>
}

export function describeRouterStateStore(name: string, open: () => Promise<RouterStateFixture>): void {
  describe(`${name} keeps states of routers`, () => {
    it('by their settings, beyond its own end', async () => {
      await using fixture = await open()
      expect(fixture.store.recall('main', 'a')).toBeUndefined()
      fixture.store.remember('main', 'a', { state: 'ramping', nested: { at: [1, null] } })
      fixture.store.remember('other', 'a', { state: 'waiting' })
      fixture.store.remember('main', 'a', { state: 'rolled_back', why: 'it was “worse”' })
      await using again = await fixture.reopened()
      expect(again.store.recall('main', 'a')).toEqual({ state: 'rolled_back', why: 'it was “worse”' })
      expect(again.store.recall('other', 'a')).toEqual({ state: 'waiting' })
      expect(again.store.recall('main', 'b')).toBeUndefined()
    })

    it('one for each router: other settings begin anew, and the old ones are forgotten', async () => {
      await using fixture = await open()
      fixture.store.remember('main', 'a', { n: 1 })
      fixture.store.remember('main', 'b', { n: 2 })
      expect(fixture.store.recall('main', 'a')).toBeUndefined()
      expect(fixture.store.recall('main', 'b')).toEqual({ n: 2 })
    })
  })
}
