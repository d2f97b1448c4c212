/** What the command line tells of routers: what a script decides, and what came of each way. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sampleRecord } from '../../src/kernel/testing/usage-store-kit.ts'
import { openSqlite } from '../../src/stores/drivers/sqlite/open-sqlite.ts'
import { newPlace } from './command-line.ts'
import type { Place } from './command-line.ts'

let place: Place

beforeAll(() => {
  place = newPlace()
  place.write('sluicegate.yaml', 'providers: { sim: {} }\n')
})

afterAll(() => place[Symbol.dispose]())

describe('sluicegate route script', () => {
  it('shows what a script decides, and tells where it is wrong', async () => {
    place.write('route.js', 'export default ({ headers }) => headers["x-plan"] === "pro" ? "sim/fast" : missing\n')
    const script = (...more: string[]) =>
      place.run(['route', 'script', 'route.js', '--targets', 'sim/text,sim/fast', ...more])
    const pro = await script('--header', 'x-plan: pro', '--json')
    expect(pro.code).toBe(0)
    expect(JSON.parse(pro.stdout)).toMatchObject({
      candidates: [{ deployment: 'sim/fast' }, { deployment: 'sim/text' }],
    })
    expect(await script()).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/route\.js:1: ReferenceError: .*missing.* it is the default/),
    })
    place.write('route.js', 'export default ({ headers }) =>\n  headers[;\n')
    expect(await script()).toMatchObject({ code: 1, stderr: expect.stringMatching(/route\.js:2: SyntaxError/) })
    expect(await script('--targets', 'nobody/text')).toMatchObject({ code: 1 })
  })
})

describe('sluicegate usage', () => {
  it('tells what came of each arm of a router', async () => {
    using fresh = newPlace()
    fresh.write('sluicegate.yaml', 'providers: { sim: {} }\n')
    mkdirSync(join(fresh.dir, 'data'))
    {
      using stores = openSqlite(join(fresh.dir, 'data', 'sluicegate.db'))
      const arm = { at: Date.now(), route: 'main:weighted > sim/a', durationMs: 40, cost: 3_000_000 }
      const records = [sampleRecord(1, arm), sampleRecord(2, { ...arm, outcome: 'fault' })]
      stores.usage.ingest(records, { segment: 1, offset: 1 })
    }
    const { stdout } = await fresh.run(['usage', '--by', 'route', '--json'])
    expect(JSON.parse(stdout)).toMatchObject({
      by: 'route',
      rows: [{ route: 'main:weighted > sim/a', requests: 2, failed: 1, mean_ms: 40, cost_usd: '0.006', unpriced: 0 }],
    })
    expect((await fresh.run(['usage', '--by', 'route'])).stdout).toMatch(
      /main:weighted > sim\/a +2 +1 \(50\.0 %\) +40 ms +\$0\.006 +\$0\.003/,
    )
  })
})
