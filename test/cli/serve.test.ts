/** `sluicegate serve` as a process: started, asked, reloaded, stopped, and refused where it has to be. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { renameSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newPlace } from './command-line.ts'
import type { Place, Running } from './command-line.ts'

const config = (rest = ''): string => `providers: { sim: {} }\nserver: { port: 0 }\ndata: { dir: ./data }\n${rest}`

const question = (model: string, stream: boolean): string =>
  JSON.stringify({ model, stream, messages: [{ role: 'user', content: 'Hello' }] })

/** A streamed answer is there as soon as it has begun. */
function ask(url: string, model: string, secret: string, stream = false): Promise<Response> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${secret}` }
  return fetch(`${url}/v1/chat/completions`, { method: 'POST', headers, body: question(model, stream) })
}

it('hears SIGHUP from the moment at which it says that it listens', async () => {
  using place = newPlace()
  place.write('sluicegate.yaml', config())
  const gateway = place.start(['serve'])
  try {
    await gateway.seen(/^listening on /m)
    gateway.process.kill('SIGHUP')
    await gateway.seen(/"occasion":"SIGHUP".*taken over/)
    expect(gateway.process.exitCode).toBeNull()
  } finally {
    gateway.process.kill('SIGKILL')
    await gateway.ended()
  }
})

describe('a gateway that was started for the first time', () => {
  let place: Place
  let gateway: Running
  let url: string
  let secret: string

  beforeAll(async () => {
    place = newPlace()
    place.write('sluicegate.yaml', config())
    gateway = place.start(['serve'])
    url = (await gateway.seen(/^listening on (http:\/\/127\.0\.0\.1:\d+)$/m))[1]!
    secret = (await gateway.seen(/^ +(sg-\S+)$/m))[1]!
  })

  afterAll(() => {
    gateway.process.kill('SIGKILL')
    place[Symbol.dispose]()
  })

  it('says once where it listens, and shows its first key once with a request that works', async () => {
    const curl = (await gateway.seen(
      /^ +curl (\S+) -H 'authorization: (.+?)' -H 'content-type: (.+?)' -d '(.+)'$/m,
    )) as string[]
    const [, target = '', authorization = '', contentType = '', body = ''] = curl
    const headers = { authorization, 'content-type': contentType }
    const response = await fetch(target, { method: 'POST', headers, body })
    expect(response.status).toBe(200)
    expect(await response.json()).toHaveProperty('choices[0].message.content')
    expect(gateway.stdout().match(/^listening on /gm)).toHaveLength(1)
  })

  it('writes JSON lines beside that, and never the secret', async () => {
    await gateway.seen(/"exchange"/)
    const lines = gateway.stdout().trimEnd().split('\n')
    const log = lines.filter((line) => !line.startsWith('listening on '))
    for (const line of log)
      expect(JSON.parse(line)).toMatchObject({ level: expect.any(String), time: expect.any(String) })
    expect(log.join('\n')).not.toContain(secret)
    expect(log.join('\n')).not.toContain(secret.slice(8))
  })

  it('notices at once when another process makes and revokes a key', async () => {
    const made = await place.run(['keys', 'create', 'web'])
    expect(made.code).toBe(0)
    const key = made.stdout.trim()
    expect((await ask(url, 'sim/fast', key)).status).toBe(200)
    expect(await place.run(['keys', 'revoke', 'web'])).toMatchObject({ code: 0 })
    expect((await ask(url, 'sim/fast', key)).status).toBe(401)
  })

  it('takes its configuration over again on SIGHUP', async () => {
    expect((await ask(url, 'hup', secret)).status).toBe(404)
    place.write('sluicegate.yaml', config('aliases: { hup: sim/fast }\n'))
    gateway.process.kill('SIGHUP')
    await gateway.seen(/"occasion":"SIGHUP".*taken over/)
    expect((await ask(url, 'hup', secret)).status).toBe(200)
  })

  it('takes a changed file over by itself, renamed into place as editors do', async () => {
    place.write('draft', config('aliases: { edited: sim/fast }\nlogging: { level: debug }\n'))
    renameSync(join(place.dir, 'draft'), join(place.dir, 'sluicegate.yaml'))
    await gateway.seen(/"sections":\["logging"\].*need a restart/)
    expect((await ask(url, 'edited', secret)).status).toBe(200)
  })

  it('tells every problem of a wrong file, and serves on with the plan it had', async () => {
    place.write('sluicegate.yaml', 'provider: {}\naliases: { edited: nowhere/x }\n')
    const [line] = await gateway.seen(/^.*"level":"error".*not taken over.*$/m)
    const { problems } = JSON.parse(line) as { problems: string[] }
    expect(problems).toHaveLength(2)
    expect(problems[0]).toMatch(/^sluicegate\.yaml:1:1: provider: .*did you mean `providers`/)
    expect((await ask(url, 'edited', secret)).status).toBe(200)
  })

  it('takes over no file that is empty, as one is that did not fit on the disk', async () => {
    place.write('sluicegate.yaml', '')
    await gateway.seen(/names no provider/)
    expect((await ask(url, 'edited', secret)).status).toBe(200)
  })

  it('does not let a second gateway use its data', async () => {
    place.write('second.yaml', config())
    const second = await place.start(['serve', '--config', 'second.yaml']).ended()
    expect(second.code).toBe(1)
    expect(second.stderr).toMatch(/^error: .*data is in use by another gateway \(process \d+/)
  })

  it('lets a running answer finish on SIGTERM, then ends with 0', async () => {
    const answer = await ask(url, 'sim/text?tokens=10&tps=50', secret, true)
    gateway.process.kill('SIGTERM')
    expect(await answer.text()).toMatch(/data: \[DONE\]\n\n$/)
    expect(await gateway.ended()).toMatchObject({ code: 0 })
    const usage = JSON.parse(
      (await place.run(['usage', '--by', 'key', '--since', '2020-01-01', '--json', '--config', 'second.yaml'])).stdout,
    ) as object
    expect(usage).toMatchObject({ rows: [{ name: 'first' }, { name: 'web', requests: 1 }] })
  })
})

describe.concurrent('a gateway that cannot start', () => {
  it('prints every problem of its configuration with line and column', async () => {
    using place = newPlace()
    place.write('bad.yaml', 'server: { prot: 1 }\nproviders:\n  openia: {}\n')
    const { code, stdout, stderr } = await place.start(['serve', '--config', 'bad.yaml']).ended()
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain('error: bad.yaml:1:11: server.prot: is not a known key\n       did you mean `port`?')
    expect(stderr).toContain('error: bad.yaml:3:3: providers.openia: ')
    expect(stderr).toContain('2 problems')
  })

  it('says so when the port is taken', async () => {
    using place = newPlace()
    place.write('sluicegate.yaml', config())
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    const { code, stderr } = await place.start(['serve', '--port', String(port)]).ended()
    other.close()
    expect(code).toBe(1)
    expect(stderr).toMatch(new RegExp(`^error: port ${port} of 127.0.0.1 is in use by another program\n.*--port`))
  })
})

describe.concurrent('a gateway that is told twice to stop', () => {
  it('does not wait for its answers the second time', async () => {
    using place = newPlace()
    place.write('sluicegate.yaml', config('keys: [{ name: k, secret: 0123456789abcdef }]\n'))
    const gateway = place.start(['serve'])
    const url = (await gateway.seen(/^listening on (\S+)$/m))[1]!
    const answer = await ask(url, 'sim/text?tokens=100&tps=1', '0123456789abcdef', true)
    gateway.process.kill('SIGTERM')
    await gateway.seen(/"in_flight":1/)
    gateway.process.kill('SIGINT')
    expect((await gateway.ended()).code).toBe(1)
    await expect(answer.text()).rejects.toThrow(/terminated/)
  })
})
