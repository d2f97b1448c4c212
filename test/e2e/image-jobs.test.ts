/** Pictures of servers of one's own and of services that are asked about a job until it is done: what they are sent, and what the client gets. */
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { formIn } from '../harness/forms.ts'
import { json } from '../harness/upstream.ts'
import type { Answer } from '../harness/upstream.ts'
import { b64, file, inTurn, openImageStage, picture, png, prompt, service } from './image-stage.ts'

const { upstream, client, lastRecord, received, sent, generate, edit, close } = await openImageStage()
afterAll(close)
beforeEach(() => void (upstream.received.length = 0))

describe('Black Forest Labs', () => {
  const ordered = () => json({ id: 'j1', polling_url: `${upstream.url}/v1/get_result?id=j1` })

  it('is ordered a picture, and asked where it says until it is ready', async () => {
    const ready = { id: 'j1', status: 'Ready', result: { sample: `${upstream.url}/x.jpeg`, seed: 9 } }
    upstream.answer(
      service({
        '/flux-2-pro': ordered(),
        '/get_result': inTurn(json({ id: 'j1', status: 'Pending' }), json(ready)),
      }),
    )
    const made = await generate('bfl/flux-2-pro', { size: '1440x1080', seed: 9 })
    expect(made.data).toEqual([{ url: `${upstream.url}/x.jpeg`, extra: { seed: 9 } }])
    expect(upstream.received.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /v1/flux-2-pro',
      'GET /v1/get_result?id=j1',
      'GET /v1/get_result?id=j1',
    ])
    expect(received().headers['x-key']).toBe('key-1')
    expect(sent(0)).toEqual({ prompt, width: 1440, height: 1072, seed: 9 })
  })

  it('works on pictures by the names that each model has for them', async () => {
    upstream.answer(
      service({ '/get_result': json({ status: 'Ready', result: { sample: 'https://x.example/y' } }), '': ordered() }),
    )
    await edit('bfl/flux-2-pro', {}, ['a.png', 'b.png'])
    expect(sent(0)).toEqual({ prompt, input_image: b64, input_image_2: b64 })
    upstream.received.length = 0
    await edit('bfl/flux-2-klein-9b', {}, ['a.png', 'b.png', 'c.png', 'd.png', 'e.png'])
    expect(sent(0)).toEqual({ prompt, input_image: b64, input_image_2: b64, input_image_3: b64, input_image_4: b64 })
    upstream.received.length = 0
    await edit('bfl/flux-pro-1.0-fill', { mask: await file('m.png') })
    expect(sent(0)).toEqual({ prompt, image: b64, mask: b64 })
    await expect(edit('bfl/flux-kontext-pro', { mask: await file('m.png') })).rejects.toMatchObject({
      status: 400,
      param: 'mask',
    })
  })

  it.each(['Request Moderated', 'Content Moderated'])(
    'says that it was “%s”, and nothing is billed',
    async (status) => {
      upstream.answer(service({ '/get_result': json({ status }), '': ordered() }))
      await expect(generate('bfl/flux-pro-1.1')).rejects.toMatchObject({ status: 400 })
      expect(await lastRecord()).not.toHaveProperty('cost')
    },
  )

  it('never sends its key to another host', async () => {
    upstream.answer(json({ id: 'j1', polling_url: 'https://evil.example/get_result?id=j1' }))
    await expect(generate('bfl/flux-pro-1.1')).rejects.toMatchObject({ status: 502 })
    expect(upstream.received).toHaveLength(1)
  })
})

describe('a web UI of Stable Diffusion', () => {
  const answer = { images: [b64, `data:image/png;base64,${b64}`], info: JSON.stringify({ all_seeds: [7, 8] }) }

  it('draws several at once with the model that is named', async () => {
    upstream.answer(json(answer))
    const made = await generate('webui/dreamshaper_8', {
      n: 2,
      size: '512x768',
      steps: 25,
      guidance_scale: 6,
      negative_prompt: 'fog',
      seed: 7,
    })
    expect(made.data).toEqual([
      { b64_json: b64, extra: { seed: 7 } },
      { b64_json: b64, extra: { seed: 8 } },
    ])
    expect(received()).toMatchObject({
      path: '/sdapi/v1/txt2img',
      headers: { authorization: 'Basic dXNlcjpwYXNzd29yZA==' },
    })
    expect(sent()).toEqual({
      prompt,
      negative_prompt: 'fog',
      width: 512,
      height: 768,
      seed: 7,
      steps: 25,
      cfg_scale: 6,
      batch_size: 2,
      override_settings: { sd_model_checkpoint: 'dreamshaper_8' },
      override_settings_restore_afterwards: false,
    })
    expect(await lastRecord()).toMatchObject({ cost: 0 })
  })

  it('works on a picture, and varies one', async () => {
    upstream.answer(json(answer))
    await edit('webui/loaded', { mask: await file('m.png') })
    expect(sent()).toMatchObject({ init_images: [b64], mask: b64, inpainting_mask_invert: 1, denoising_strength: 0.75 })
    // oxlint-disable-next-line typescript/no-deprecated -- clients use it all the same
    await client.images.createVariation({ model: 'webui/loaded', image: await file() })
    expect(sent()).toMatchObject({ prompt: '', init_images: [b64], denoising_strength: 0.5 })
  })
})

describe('ComfyUI', () => {
  const shown = { filename: 'x.png', subfolder: '', type: 'temp' }
  const history = { p1: { status: { status_str: 'success', completed: true }, outputs: { 9: { images: [shown] } } } }
  const server = (...told: object[]): Answer =>
    service({
      '/upload/image': json({ name: 'up.png', subfolder: '', type: 'temp' }),
      '/prompt': json({ prompt_id: 'p1', number: 1, node_errors: {} }),
      '/history/p1': inTurn(...(told.length === 0 ? [history] : told).map((each) => json(each))),
      '/view': picture,
    })

  it('queues a workflow around a checkpoint, and fetches what came of it', async () => {
    upstream.answer(server({}, history))
    const made = await generate('comfyui/sd_xl_base_1.0.safetensors', { size: '1024x768', seed: 11, steps: 8 })
    expect(made.data).toEqual([{ b64_json: b64 }])
    expect(upstream.received.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /prompt',
      'GET /history/p1',
      'GET /history/p1',
      'GET /view?filename=x.png&subfolder=&type=temp',
    ])
    expect(sent(0)).toMatchObject({
      prompt: {
        checkpoint: { inputs: { ckpt_name: 'sd_xl_base_1.0.safetensors' } },
        positive: { inputs: { text: prompt } },
        latent: { inputs: { width: 1024, height: 768, batch_size: 1 } },
        sampler: { inputs: { seed: 11, steps: 8, denoise: 1 } },
      },
    })
  })

  it('is sent the pictures to work on first', async () => {
    upstream.answer(server())
    await edit('comfyui/a.safetensors', { strength: '0.5', mask: await file('m.png') })
    const form = await formIn(received(0))
    expect(received(0).path).toBe('/upload/image')
    expect(form.fields).toEqual({ type: ['temp'], overwrite: ['true'] })
    expect(form.files[0]?.bytes.equals(png)).toBe(true)
    expect(sent(2)).toMatchObject({
      prompt: {
        image: { inputs: { image: 'up.png [temp]' } },
        masked: { inputs: { mask: ['mask', 1] } },
        sampler: { inputs: { denoise: 0.5 } },
      },
    })
  })

  it('runs a workflow of one’s own, with what the request says in its places', async () => {
    upstream.answer(server())
    await edit('comfyui/poster', { seed: '5' })
    expect(sent(1)).toEqual({
      prompt: {
        7: {
          class_type: 'Draw',
          inputs: { text: `A poster: ${prompt}`, seed: 5, width: 1024, image: 'up.png [temp]' },
        },
      },
    })
    await expect(generate('comfyui/poster')).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining('wants `image`') as string,
    })
  })

  it('says what is wrong with a workflow, and why one failed', async () => {
    const error = { type: 'prompt_outputs_failed_validation', message: 'Prompt outputs failed validation' }
    upstream.answer(json({ error, node_errors: { checkpoint: { errors: [{ details: 'not in list' }] } } }, 400))
    await expect(generate('comfyui/none')).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining('not in list') as string,
    })
    const messages = [['execution_error', { exception_message: 'out of memory' }]]
    upstream.answer(server({ p1: { status: { status_str: 'error', messages }, outputs: {} } }))
    await expect(generate('comfyui/a')).rejects.toMatchObject({
      status: 502,
      message: expect.stringContaining('out of memory') as string,
    })
  })
})

describe('a proxy of Midjourney', () => {
  const task = {
    id: 't1',
    status: 'SUCCESS',
    imageUrl: 'https://cdn.example/x.png',
    buttons: [{ customId: 'MJ::JOB::upsample::1::abc', label: 'U1', emoji: '' }],
  }
  const server = (...told: object[]): Answer =>
    service({
      '/fetch': inTurn(...(told.length === 0 ? [task] : told).map((each) => json(each))),
      '': json({ code: 1, description: 'ok', result: 't1' }),
    })

  it('is submitted a task with settings behind dashes, and tells what can be done next', async () => {
    upstream.answer(server({ id: 't1', status: 'IN_PROGRESS', progress: '50%' }, task))
    const made = await generate('mj/midjourney-7', {
      size: '1536x1024',
      negative_prompt: 'fog',
      seed: 3,
      quality: 'high',
    })
    const extra = {
      task_id: 't1',
      buttons: [{ id: 'MJ::JOB::upsample::1::abc', label: 'U1', emoji: '' }],
    }
    expect(made.data).toEqual([{ url: task.imageUrl, extra }])
    expect(received(0)).toMatchObject({ path: '/mj/submit/imagine', headers: { 'mj-api-secret': 'secret-1' } })
    expect(sent(0)).toEqual({
      botType: 'MID_JOURNEY',
      prompt: `${prompt} --ar 3:2 --v 7 --seed 3 --q 2 --no fog`,
    })
    expect(received().path).toBe('/mj/task/t1/fetch')
  })

  it('has its buttons pressed', async () => {
    upstream.answer(server())
    await client.post('/images/generations', {
      body: { model: 'mj/midjourney', action: { task_id: 't1', button: 'MJ::JOB::upsample::1::abc' } },
    })
    expect(received(0).path).toBe('/mj/submit/action')
    expect(sent(0)).toEqual({ taskId: 't1', customId: 'MJ::JOB::upsample::1::abc' })
  })

  it('is sent pictures along with the words', async () => {
    upstream.answer(server())
    await edit('mj/niji-6', {}, ['a.png', 'b.png'])
    const url = `data:image/png;base64,${b64}`
    expect(sent(0)).toEqual({ botType: 'NIJI_JOURNEY', prompt: `${prompt} --niji 6`, base64Array: [url, url] })
  })

  it.each([
    ['a banned word', json({ code: 24, description: 'banned word' }), 400],
    ['a full queue', json({ code: 23, description: 'queue full' }), 429],
    [
      'a failed task',
      service({
        '/fetch': json({ id: 't1', status: 'FAILURE', failReason: 'boom' }),
        '': json({ code: 1, result: 't1' }),
      }),
      502,
    ],
  ])('tells of %s', async (_what, answer, status) => {
    upstream.answer(answer)
    await expect(generate('mj/midjourney')).rejects.toMatchObject({ status })
  })
})
