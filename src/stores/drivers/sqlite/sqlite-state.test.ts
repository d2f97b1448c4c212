/** The state database against the conformance kits, in real files, and what only it promises. */
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { describeConversationStore } from '../../../kernel/testing/conversation-store-kit.ts'
import { describeResponseStore, sampleResponse } from '../../../kernel/testing/response-store-kit.ts'
import { describeRouterStateStore } from '../../../kernel/testing/router-state-store-kit.ts'
import type { RouterStateFixture } from '../../../kernel/testing/router-state-store-kit.ts'
import { describeVideoJobStore } from '../../../kernel/testing/video-job-store-kit.ts'
import { openSqliteState } from './open-sqlite-state.ts'
import { stateMigrations } from './state-migrations.ts'

function open() {
  const dir = mkdtempSync(join(tmpdir(), 'sqlite-state-'))
  const file = join(dir, 'state.db')
  const state = openSqliteState(file)
  return Promise.resolve({
    ...state,
    file,
    [Symbol.asyncDispose]() {
      state[Symbol.dispose]()
      rmSync(dir, { recursive: true, force: true })
      return Promise.resolve()
    },
  })
}

describeResponseStore('sqlite', open)
describeConversationStore('sqlite', open)
describeVideoJobStore('sqlite', open)
describeRouterStateStore('sqlite', async () => {
  const opened = await open()
  return { store: opened.routers, reopened, [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose]() }
  function reopened(): Promise<RouterStateFixture> {
    opened[Symbol.dispose]()
    const again = openSqliteState(opened.file)
    return Promise.resolve({
      store: again.routers,
      reopened,
      [Symbol.asyncDispose]: () => again[Symbol.asyncDispose](),
    })
  }
})

describe('the state database', () => {
  it('has migrations numbered from 1 without gap', () => {
    expect(stateMigrations.map(({ version }) => version)).toEqual(stateMigrations.map((_, n) => n + 1))
  })

  it('keeps answers across closing and opening again', async () => {
    await using state = await open()
    state.responses.put(sampleResponse('a'))
    state[Symbol.dispose]()
    using again = openSqliteState(state.file)
    expect(again.responses.get('key_1', 'resp_a', sampleResponse('a').createdAt)).toEqual(sampleResponse('a'))
  })

  it('does not grow beyond its bound by much, and keeps the newest', async () => {
    await using state = await open()
    const { createdAt } = sampleResponse('a')
    const limits = { now: createdAt, maxBytes: 512 << 10, limit: 100 }
    for (let n = 0; n < 300; n += 1) {
      state.responses.put(sampleResponse(String(n), { response: JSON.stringify('x'.repeat(20_000)) }))
      if (n % 10 === 9) while (state.retention.sweep(limits) > 0);
    }
    expect(state.responses.get('key_1', 'resp_299', createdAt)).toBeDefined()
    expect(state.responses.get('key_1', 'resp_200', createdAt)).toBeUndefined()
    expect(statSync(state.file).size).toBeLessThan(2 << 20)
  })
})
