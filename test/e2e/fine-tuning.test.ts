/** Models tuned by OpenAI's own client: at the simulator, and at services that have other words for it. */
import OpenAI, { toFile } from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { serveSim } from '../../src/providers/sim/server.ts'
import type { SimServer } from '../../src/providers/sim/server.ts'
import { clientKey, startGateway } from '../harness/gateway.ts'
import type { Gateway } from '../harness/gateway.ts'
import { json, startUpstream } from '../harness/upstream.ts'
import type { Upstream } from '../harness/upstream.ts'

const otherKey = 'other-client-key-0123456789'
const frugalKey = 'frugal-client-key-0123456789'
let sim: SimServer
let upstream: Upstream
let gateway: Gateway

const yaml = () => `
providers:
  far: { use: openai-compatible, base_url: "${sim.url}/v1", credentials: up }
  sim: {}
  mistral: { base_url: "${upstream.url}", credentials: m-key, models: [open-mistral-7b] }
  together: { base_url: "${upstream.url}", credentials: t-key, models: [meta-llama/Llama-3-8b] }
  fireworks: { base_url: "${upstream.url}", credentials: f-key, account_id: acme, models: [accounts/fireworks/models/qwen3-8b] }
keys:
  - { name: test, secret: ${clientKey}, models: ["*"] }
  - { name: other, secret: ${otherKey}, models: ["*"] }
  - { name: frugal, secret: ${frugalKey}, models: ["far/*"], budget: { usd: 1, per: day } }`

beforeAll(async () => {
  sim = await serveSim()
  upstream = await startUpstream()
  gateway = await startGateway(yaml())
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await sim[Symbol.asyncDispose]()
  await upstream.close()
})

const clientOf = (apiKey = clientKey): OpenAI => new OpenAI({ apiKey, baseURL: `${gateway.url}/v1`, maxRetries: 0 })
const lines = (count: number): string =>
  Array.from({ length: count }, (_, at) =>
    JSON.stringify({
      messages: [
        { role: 'user', content: `${at}` },
        { role: 'assistant', content: 'Yes.' },
      ],
    }),
  ).join('\n')
const trainingFile = async (client: OpenAI): Promise<string> =>
  (await client.files.create({ file: await toFile(Buffer.from(lines(12)), 'train.jsonl'), purpose: 'fine-tune' })).id
const said = async (client: OpenAI, model: string): Promise<string | null | undefined> =>
  (await client.chat.completions.create({ model, messages: [{ role: 'user', content: 'Say it.' }] })).choices[0]
    ?.message.content

describe.each(['far', 'sim'])('a job at the provider %s, which speaks OpenAI’s protocol', (provider) => {
  it('is ordered, followed and told of, and its model is its owner’s alone', async () => {
    const client = clientOf()
    const [training, validation] = [await trainingFile(client), await trainingFile(client)]
    const order = {
      model: `${provider}/echo`,
      training_file: training,
      validation_file: validation,
      suffix: `own-${provider}`,
      seed: 7,
      metadata: { duration_ms: '0' },
      method: { type: 'supervised', supervised: { hyperparameters: { n_epochs: 2 } } },
    } as const
    const job = await client.fineTuning.jobs.create(order)
    expect(job).toMatchObject({
      id: expect.stringMatching(/^ftjob-[0-9a-f]{32}$/) as string,
      object: 'fine_tuning.job',
      model: `${provider}/echo`,
      training_file: training,
      validation_file: validation,
      seed: 7,
      metadata: { duration_ms: '0' },
    })
    const done = await client.fineTuning.jobs.retrieve(job.id)
    expect(done).toMatchObject({ status: 'succeeded', trained_tokens: 1000, error: null })
    expect(done.finished_at).toBeGreaterThan(1_700_000_000)
    const model = done.fine_tuned_model ?? ''
    expect(model).toMatch(new RegExp(`^${provider}/ft:echo:sim:own-${provider}:`))

    const events = await client.fineTuning.jobs.listEvents(job.id)
    expect(events.data.map(({ message }) => message)).toContain('The job has succeeded')
    const [checkpoint] = (await client.fineTuning.jobs.checkpoints.list(job.id)).data
    expect(checkpoint).toMatchObject({ step_number: 10, fine_tuning_job_id: job.id })
    expect((await client.fineTuning.jobs.list()).data.map(({ id }) => id)).toContain(job.id)

    for (const name of [model, model.slice(provider.length + 1), checkpoint?.fine_tuned_model_checkpoint ?? ''])
      expect(await said(client, name)).toBe('Say it.')
    expect((await client.models.list()).data.map(({ id }) => id)).toContain(model)
    expect(await client.models.retrieve(model)).toMatchObject({ id: model, owned_by: provider })

    const other = clientOf(otherKey)
    for (const name of [model, checkpoint?.fine_tuned_model_checkpoint ?? '']) {
      await expect(said(other, name)).rejects.toMatchObject({ status: 404, code: 'model_not_found' })
      await expect(other.models.retrieve(name)).rejects.toMatchObject({ status: 404 })
    }
    expect((await other.models.list()).data.map(({ id }) => id)).not.toContain(model)
    for (const asked of [
      other.fineTuning.jobs.retrieve(job.id),
      other.fineTuning.jobs.cancel(job.id),
      other.fineTuning.jobs.listEvents(job.id),
      other.fineTuning.jobs.checkpoints.list(job.id),
    ])
      await expect(asked).rejects.toMatchObject({ status: 404, code: 'fine_tuning_job_not_found' })
    expect((await other.fineTuning.jobs.list()).data).toEqual([])
    await expect(other.fineTuning.jobs.create(order)).rejects.toMatchObject({ status: 404, code: 'file_not_found' })
  })
})

it('is paused, taken up again and cancelled', async () => {
  const client = clientOf()
  const job = await client.fineTuning.jobs.create({
    model: 'far/echo',
    training_file: await trainingFile(client),
    metadata: { duration_ms: '3600000' },
  })
  expect(job.status).toBe('validating_files')
  expect(await client.fineTuning.jobs.pause(job.id)).toMatchObject({ status: 'paused' })
  expect(await client.fineTuning.jobs.resume(job.id)).toMatchObject({ status: 'validating_files' })
  expect(await client.fineTuning.jobs.cancel(job.id)).toMatchObject({ status: 'cancelled' })
  expect(await client.fineTuning.jobs.retrieve(job.id)).toMatchObject({ status: 'cancelled', fine_tuned_model: null })
  await expect(client.fineTuning.jobs.cancel(job.id)).rejects.toMatchObject({ status: 400 })
})

it('is paged through', async () => {
  const client = clientOf(otherKey)
  const file = await trainingFile(client)
  const ids: string[] = []
  for (let at = 0; at < 3; at += 1)
    ids.push(
      (await client.fineTuning.jobs.create({ model: 'sim/echo', training_file: file, metadata: { duration_ms: '0' } }))
        .id,
    )
  const found: string[] = []
  for await (const { id } of client.fineTuning.jobs.list({ limit: 2 })) found.push(id)
  expect(found).toEqual(ids.toReversed())
})

it('has what was set of how it is tuned, and is refused for what makes no sense', async () => {
  const client = clientOf()
  const file = await trainingFile(client)
  const create = (order: object) =>
    client.fineTuning.jobs.create({ model: 'sim/echo', training_file: file, metadata: { duration_ms: '0' }, ...order })
  expect(await create({ hyperparameters: { batch_size: 3, n_epochs: 'auto' } })).toMatchObject({
    hyperparameters: { batch_size: 3, n_epochs: 'auto' },
  })
  expect(await create({ method: { type: 'dpo', dpo: { hyperparameters: { beta: 0.2 } } } })).toMatchObject({
    method: { type: 'dpo', dpo: { hyperparameters: { beta: 0.2 } } },
  })
  await expect(create({ hyperparameters: { n_epochs: 'x' } })).rejects.toMatchObject({ status: 400 })
  await expect(create({ method: { type: 'zzz' } })).rejects.toMatchObject({ status: 400 })
})

describe('what cannot be', () => {
  it('is refused before anything is sent anywhere', async () => {
    const client = clientOf()
    const batch = await client.files.create({ file: await toFile(Buffer.from('{}'), 'b.jsonl'), purpose: 'batch' })
    const file = await trainingFile(client)
    const create = (order: object, by = client) =>
      by.fineTuning.jobs.create({ model: 'far/echo', training_file: file, ...order })
    await expect(create({ training_file: batch.id })).rejects.toMatchObject({ status: 400, param: 'training_file' })
    await expect(create({ training_file: 'file-none' })).rejects.toMatchObject({ status: 404 })
    await expect(create({ model: 'nobody/x' })).rejects.toMatchObject({ status: 404, param: 'model' })
    await expect(create({ seed: -1 })).rejects.toMatchObject({ status: 400, param: 'seed' })
    await expect(create({ suffix: 'x'.repeat(65) })).rejects.toMatchObject({ status: 400, param: 'suffix' })
    await expect(create({ metadata: { a: 1 } })).rejects.toMatchObject({ status: 400, param: 'metadata' })
    await expect(create({ model: 'mistral/open-mistral-7b', seed: 1 })).rejects.toMatchObject({
      status: 400,
      param: 'seed',
    })
    const frugal = clientOf(frugalKey)
    const own = await trainingFile(frugal)
    await expect(create({ training_file: own }, frugal)).rejects.toMatchObject({ code: 'unpriced_model' })
    await expect(create({ model: 'sim/echo', training_file: own }, frugal)).rejects.toMatchObject({
      status: 403,
      code: 'model_not_allowed',
    })
    expect(upstream.received).toEqual([])
  })
})

describe('a job at a service with words of its own', () => {
  const serve = (answers: Readonly<Record<string, object>>): void => {
    upstream.received.length = 0
    upstream.answer((response, request) => {
      const answer = answers[`${request.method} ${request.path}`]
      return json(answer ?? { message: 'unknown' }, answer === undefined ? 404 : 200)(response, request)
    })
  }
  const sent = (path: string): unknown =>
    JSON.parse(upstream.received.find((request) => request.path === path)?.body.toString() ?? 'null')

  it('is translated for Mistral', async () => {
    const job = {
      id: 'm-1',
      object: 'job',
      model: 'open-mistral-7b',
      status: 'RUNNING',
      created_at: 1,
      hyperparameters: { epochs: 2 },
    }
    const events = [
      { name: 'status-updated', data: { status: 'QUEUED' }, created_at: 1 },
      { name: 'status-updated', data: { status: 'SUCCESS' }, created_at: 5 },
    ]
    const over = {
      ...job,
      status: 'SUCCESS',
      fine_tuned_model: 'ft:open-mistral-7b:acme:x',
      trained_tokens: 99,
      modified_at: 5,
      events,
      checkpoints: [{ metrics: { train_loss: 0.5 }, step_number: 10, created_at: 4 }],
    }
    serve({
      'POST /v1/files': { id: 'remote-file', object: 'file' },
      'POST /v1/fine_tuning/jobs': job,
      'GET /v1/fine_tuning/jobs/m-1': over,
      'POST /v1/chat/completions': {
        object: 'chat.completion',
        choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'Tuned.' } }],
      },
      'DELETE /v1/files/remote-file': { id: 'remote-file', deleted: true },
    })
    const client = clientOf()
    const file = await trainingFile(client)
    const made = await client.fineTuning.jobs.create({
      model: 'mistral/open-mistral-7b',
      training_file: file,
      suffix: 'x',
      method: { type: 'supervised', supervised: { hyperparameters: { n_epochs: 2 } } },
    })
    expect(made).toMatchObject({ status: 'running', hyperparameters: { n_epochs: 2 }, fine_tuned_model: null })
    expect(sent('/v1/fine_tuning/jobs')).toEqual({
      model: 'open-mistral-7b',
      training_files: [{ file_id: 'remote-file', weight: 1 }],
      suffix: 'x',
      hyperparameters: { epochs: 2 },
      auto_start: true,
    })
    expect(upstream.received[0]?.headers['content-type']).toMatch(/^multipart\/form-data/)
    expect(upstream.received[0]?.body.toString()).toContain(lines(12))
    const done = await client.fineTuning.jobs.retrieve(made.id)
    expect(done).toMatchObject({ status: 'succeeded', trained_tokens: 99, finished_at: 5 })
    expect(await said(client, done.fine_tuned_model ?? '')).toBe('Tuned.')
    expect((await client.fineTuning.jobs.listEvents(made.id, { limit: 1 })).data).toMatchObject([{ id: 'ftevent-2' }])
    expect((await client.fineTuning.jobs.listEvents(made.id, { after: 'ftevent-2' })).data).toMatchObject([
      { id: 'ftevent-1' },
    ])
    expect((await client.fineTuning.jobs.checkpoints.list(made.id)).data).toMatchObject([{ step_number: 10 }])
    // A second job needs no second upload, and deleting the file deletes the copy.
    await client.fineTuning.jobs.create({ model: 'mistral/open-mistral-7b', training_file: file })
    expect(upstream.received.filter(({ path }) => path === '/v1/files')).toHaveLength(1)
    await client.files.delete(file)
    expect(upstream.received.at(-1)).toMatchObject({ method: 'DELETE', path: '/v1/files/remote-file' })
  })

  it('is translated for Together', async () => {
    const job = {
      id: 'ft-1',
      status: 'pending',
      created_at: '2026-11-27T00:00:00Z',
      model_output_name: 'acme/Llama-x',
      n_epochs: 1,
    }
    serve({
      'POST /v1/files/upload': { id: 'file-t', object: 'file' },
      'POST /v1/fine-tunes': job,
      'GET /v1/fine-tunes/ft-1': {
        ...job,
        status: 'error',
        updated_at: '2026-11-27T00:01:00Z',
        events: [{ type: 'job_error', message: 'Too few.' }],
      },
      'GET /v1/fine-tunes/ft-1/events': {
        data: [{ created_at: '2026-11-27T00:00:01Z', message: 'Began', level: 'legacy_iwarning' }],
      },
      'POST /v1/fine-tunes/ft-1/cancel': { ...job, status: 'cancelled' },
    })
    const client = clientOf()
    const order = { model: 'together/meta-llama/Llama-3-8b', training_file: await trainingFile(client) }
    const made = await client.fineTuning.jobs.create({
      ...order,
      seed: 3,
      method: { type: 'dpo', dpo: { hyperparameters: { beta: 0.1, n_epochs: 1 } } },
    })
    expect(sent('/v1/fine-tunes')).toEqual({
      model: 'meta-llama/Llama-3-8b',
      training_file: 'file-t',
      random_seed: 3,
      n_epochs: 1,
      training_method: { method: 'dpo', dpo_beta: 0.1 },
    })
    expect(upstream.received[0]?.body.toString()).toMatch(/name="file_name"\r\n\r\ntrain\.jsonl\r\n/)
    expect((await client.fineTuning.jobs.listEvents(made.id)).data).toMatchObject([{ level: 'warn', message: 'Began' }])
    expect(await client.fineTuning.jobs.retrieve(made.id)).toMatchObject({
      status: 'failed',
      error: { message: 'Too few.' },
      fine_tuned_model: null,
    })
    const second = await client.fineTuning.jobs.create(order)
    expect(await client.fineTuning.jobs.cancel(second.id)).toMatchObject({ status: 'cancelled' })
    await expect(client.fineTuning.jobs.pause(second.id)).rejects.toMatchObject({ status: 400 })
  })

  it('is translated for Fireworks, whose data sets are made in two steps', async () => {
    const job = {
      name: 'accounts/acme/supervisedFineTuningJobs/j1',
      state: 'JOB_STATE_RUNNING',
      createTime: '2026-11-27T00:00:00Z',
      epochs: 1,
    }
    const client = clientOf()
    const file = await trainingFile(client)
    serve({
      'POST /v1/accounts/acme/datasets': { name: 'x' },
      [`POST /v1/accounts/acme/datasets/${file}:upload`]: {},
      'POST /v1/accounts/acme/supervisedFineTuningJobs': job,
      'GET /v1/accounts/acme/supervisedFineTuningJobs/j1': {
        ...job,
        state: 'JOB_STATE_COMPLETED',
        outputModel: 'accounts/acme/models/mine',
        completedTime: '2026-11-27T01:00:00Z',
      },
      'DELETE /v1/accounts/acme/supervisedFineTuningJobs/j1': {},
    })
    const order = { model: 'fireworks/accounts/fireworks/models/qwen3-8b', training_file: file }
    const made = await client.fineTuning.jobs.create(order)
    expect(sent('/v1/accounts/acme/datasets')).toEqual({ datasetId: file, dataset: { userUploaded: {} } })
    expect(sent('/v1/accounts/acme/supervisedFineTuningJobs')).toEqual({
      baseModel: 'accounts/fireworks/models/qwen3-8b',
      dataset: `accounts/acme/datasets/${file}`,
    })
    expect(await client.fineTuning.jobs.retrieve(made.id)).toMatchObject({
      status: 'succeeded',
      fine_tuned_model: 'fireworks/accounts/acme/models/mine',
    })
    const second = await client.fineTuning.jobs.create(order)
    expect(await client.fineTuning.jobs.cancel(second.id)).toMatchObject({ status: 'cancelled' })
  })
})

it('goes on after a restart, and its model stays its owner’s', async () => {
  const client = clientOf()
  const job = await client.fineTuning.jobs.create({
    model: 'far/echo',
    training_file: await trainingFile(client),
    suffix: 'restart',
    metadata: { duration_ms: '0' },
  })
  const dir = gateway.dir
  await gateway.app[Symbol.asyncDispose]()
  gateway = await startGateway(yaml(), { dir })
  const again = clientOf()
  const { fine_tuned_model: model } = await again.fineTuning.jobs.retrieve(job.id)
  expect(await said(again, model ?? '')).toBe('Say it.')
  await gateway.app[Symbol.asyncDispose]()
  gateway = await startGateway(yaml(), { dir })
  expect(await said(clientOf(), model ?? '')).toBe('Say it.')
  await expect(said(clientOf(otherKey), model ?? '')).rejects.toMatchObject({ status: 404 })
})
