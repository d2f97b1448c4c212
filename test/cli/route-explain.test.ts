/** `sluicegate route explain`, by the configuration alone and at a running gateway. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startGateway } from '../harness/gateway.ts'
import { newPlace } from './command-line.ts'
import type { Place } from './command-line.ts'

let place: Place
beforeAll(() => {
  place = newPlace()
})
afterAll(() => place[Symbol.dispose]())

describe('sluicegate route explain', () => {
  const configuration = `
providers: { one: { use: sim, prices: { input: 2, output: 2 } }, two: { use: sim, prices: { input: 1, output: 1 } } }
keys: [{ name: web, secret: web-key-0123456789abcdef, admin: true, models: [main] }]
routers:
  main:
    strategy: conditional
    targets:
      - { when: { field: header.x-plan, eq: pro }, target: one/text }
      - { target: { strategy: cost, targets: [one/text, two/text] } }
`

  it('shows who would be asked and why, by the configuration alone', async () => {
    place.write('routed.yaml', configuration)
    const { code, stdout, stderr } = await place.run(['route', 'explain', 'main', 'hi', '-c', 'routed.yaml'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/1 +two\/text +ready +\$0\.\d+ +100 +main:conditional > 2:cost > two\/text\n *2 +one\/text/)
    expect(stderr).toMatch(/2:cost: two\/text [\d.e-]+ USD/)
    const pro = await place.run(['route', 'explain', 'main', '--header', 'X-Plan: pro', '--json', '-c', 'routed.yaml'])
    expect(JSON.parse(pro.stdout)).toMatchObject({ candidates: [{ deployment: 'one/text' }, {}, {}] })
    place.write('body.json', '{"model":"main","max_tokens":1,"messages":[{"role":"user","content":"hi"}]}')
    const messages = ['route', 'explain', '--request', 'body.json', '--path', '/v1/messages', '--key', 'web']
    expect((await place.run([...messages, '-c', 'routed.yaml'])).stdout).toContain('two/text')
  })

  it('asks a running gateway', async () => {
    await using gateway = await startGateway(configuration)
    const asked = ['route', 'explain', 'main', '--url', gateway.url, '--json']
    const { stdout } = await place.run(asked, { SLUICEGATE_API_KEY: 'web-key-0123456789abcdef' })
    expect(JSON.parse(stdout)).toMatchObject({ model: 'main', candidates: [{ deployment: 'two/text' }, {}] })
    const refused = await place.run(asked)
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(/key/) as string })
  })

  it.each([
    [['route', 'explain'], 2, /which model/],
    [['route', 'explain', 'mian'], 1, /Did you mean/],
    [['route', 'explain', 'main', '--key', 'nobody'], 1, /no key named "nobody"/],
    [['route', 'explain', 'main', '--path', '/v2/nothing'], 2, /serves no model/],
    [['route', 'explain', 'main', '--header', 'x'], 2, /is no header/],
    [['route', 'explain', '--request', 'missing.json'], 1, /cannot be read/],
  ] as const)('refuses %j', async (argv, code, message) => {
    place.write('routed.yaml', configuration)
    const outcome = await place.run([...argv, '-c', 'routed.yaml'])
    expect(outcome).toMatchObject({ code, stderr: expect.stringMatching(message) as string })
  })
})
