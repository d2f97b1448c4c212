/** A gateway in front of one server that plays every service of pictures, and OpenAI's library in front of the gateway. */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import OpenAI, { toFile } from 'openai'
import { clientKey, startGateway } from '../harness/gateway.ts'
import { json, startUpstream } from '../harness/upstream.ts'
import type { Answer, Received } from '../harness/upstream.ts'

/** A picture of one pixel. */
export const b64 = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII='
export const png = Buffer.from(b64, 'base64')
export const file = (name = 'a.png') => toFile(png, name, { type: 'image/png' })
export const prompt = 'A lighthouse'
export const picture: Answer = (response) => void response.writeHead(200, { 'content-type': 'image/png' }).end(png)
/** A service at which a path is answered by its end. */
export const service =
  (answers: Readonly<Record<string, Answer>>): Answer =>
  (response, request) => {
    const [path = ''] = request.path.split('?')
    const found = Object.entries(answers).find(([end]) => path.endsWith(end))
    return (found?.[1] ?? json({ error: `nothing at ${path}` }, 404))(response, request)
  }
/** Answers in turn, the last one for ever. */
export const inTurn = (...answers: Answer[]): Answer => {
  let at = -1
  return (response, request) => {
    at = Math.min(at + 1, answers.length - 1)
    return answers[at]?.(response, request)
  }
}
/** Members that OpenAI's library has no types for. */
export type More = Record<string, unknown>
export const lostHeader = 'x-sluicegate-lost'

/** Opened once by each file of tests, which closes it. */
export async function openImageStage() {
  const upstream = await startUpstream()
  const workflow = join(mkdtempSync(join(tmpdir(), 'sluicegate-test-')), 'poster.json')
  const inputs = { text: 'A poster: {{prompt}}', seed: '{{seed}}', width: '{{width}}', image: '{{image}}' }
  writeFileSync(workflow, JSON.stringify({ 7: { class_type: 'Draw', inputs } }))
  const at = (path = ''): string => `base_url: "${upstream.url}${path}"`
  const gateway = await startGateway(`
providers:
  gemini: { ${at()}, credentials: key-1 }
  vertex: { ${at()}, credentials: key-1, project: p, location: us-central1 }
  bedrock: { ${at()}, credentials: key-1, region: us-east-1 }
  signed: { use: bedrock, ${at()}, region: us-east-1, access_key_id: AKID, secret_access_key: secret }
  stability: { ${at()}, credentials: key-1 }
  together: { ${at('/v1')}, credentials: key-1 }
  fireworks: { ${at('/inference/v1')}, credentials: fw_1 }
  replicate: { ${at()}, credentials: r8_1 }
  bfl: { use: black-forest-labs, ${at()}, credentials: key-1 }
  webui: { use: stable-diffusion-webui, ${at()}, credentials: "user:password", discover: never }
  comfyui: { ${at()}, discover: never, workflows: { poster: "${workflow}" } }
  mj: { use: midjourney-proxy, ${at()}, discover: never, credentials: secret-1 }
retries: { rounds: 0 }
media: { allow: ["127.0.0.0/8"] }
routers: { painter: { strategy: fallback, targets: [gemini/imagen-4.0-generate-001] } }
keys: [{ name: test, secret: ${clientKey}, models: ["*"] }]`)
  const client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: clientKey, maxRetries: 0 })

  const lastRecord = async () => (await gateway.records()).at(-1)
  const received = (index = -1): Received => {
    const one = upstream.received.at(index)
    if (one === undefined) throw new Error('nothing was received')
    return one
  }
  const sent = (index = -1): unknown => JSON.parse(received(index).body.toString())
  const generate = (model: string, more: More = {}) =>
    client.images.generate({ model, prompt, ...(more as object), stream: false })
  const edit = async (model: string, more: More = {}, names = ['a.png']) =>
    client.images.edit({
      model,
      prompt,
      image: await Promise.all(names.map(file)),
      ...(more as object),
      stream: false,
    })
  const close = async (): Promise<void> => {
    await gateway[Symbol.asyncDispose]()
    await upstream.close()
  }
  return { upstream, gateway, client, lastRecord, received, sent, generate, edit, close }
}
