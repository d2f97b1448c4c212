/** Pictures of every provider with a protocol of its own, asked for with OpenAI's library: what it is sent, and what the client gets. */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GoogleGenAI } from '@google/genai'
import OpenAI, { toFile } from 'openai'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { formIn } from '../harness/forms.ts'
import { clientKey, startGateway } from '../harness/gateway.ts'
import type { Gateway } from '../harness/gateway.ts'
import { json, startUpstream } from '../harness/upstream.ts'
import type { Answer, Received, Upstream } from '../harness/upstream.ts'

let upstream: Upstream
let gateway: Gateway
let client: OpenAI

beforeAll(async () => {
  upstream = await startUpstream()
  const workflow = join(mkdtempSync(join(tmpdir(), 'sluicegate-test-')), 'poster.json')
  const inputs = { text: 'A poster: {{prompt}}', seed: '{{seed}}', width: '{{width}}', image: '{{image}}' }
  writeFileSync(workflow, JSON.stringify({ 7: { class_type: 'Draw', inputs } }))
  const at = (path = ''): string => `base_url: "${upstream.url}${path}"`
  gateway = await startGateway(`
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
  client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: clientKey, maxRetries: 0 })
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await upstream.close()
})
beforeEach(() => void (upstream.received.length = 0))

/** A picture of one pixel. */
const b64 = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII='
const png = Buffer.from(b64, 'base64')
const file = (name = 'a.png') => toFile(png, name, { type: 'image/png' })
const prompt = 'A lighthouse'
const lastRecord = async () => (await gateway.records()).at(-1)
const received = (index = -1): Received => {
  const one = upstream.received.at(index)
  if (one === undefined) throw new Error('nothing was received')
  return one
}
const sent = (index = -1): unknown => JSON.parse(received(index).body.toString())
const picture: Answer = (response) => void response.writeHead(200, { 'content-type': 'image/png' }).end(png)
/** A service at which a path is answered by its end. */
const service =
  (answers: Readonly<Record<string, Answer>>): Answer =>
  (response, request) => {
    const [path = ''] = request.path.split('?')
    const found = Object.entries(answers).find(([end]) => path.endsWith(end))
    return (found?.[1] ?? json({ error: `nothing at ${path}` }, 404))(response, request)
  }
/** Answers in turn, the last one for ever. */
const inTurn = (...answers: Answer[]): Answer => {
  let at = -1
  return (response, request) => {
    at = Math.min(at + 1, answers.length - 1)
    return answers[at]?.(response, request)
  }
}
/** Members that OpenAI's library has no types for. */
type More = Record<string, unknown>
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
const lostHeader = 'x-sluicegate-lost'

describe('Gemini', () => {
  const usageMetadata = {
    promptTokenCount: 5,
    candidatesTokenCount: 1290,
    totalTokenCount: 1295,
    candidatesTokensDetails: [{ modality: 'IMAGE', tokenCount: 1290 }],
  }
  const candidate = (parts: object[], more: object = {}) => ({
    candidates: [{ content: { parts }, ...more }],
    usageMetadata,
  })
  const drawn = candidate([{ text: 'Here:' }, { inlineData: { mimeType: 'image/png', data: b64 } }])

  it('draws, billed by its tokens', async () => {
    upstream.answer(json(drawn))
    const made = await generate('gemini/gemini-2.5-flash-image', { size: '1536x1024' })
    expect(made.data).toEqual([{ b64_json: b64 }])
    expect(received().path).toBe('/v1beta/models/gemini-2.5-flash-image:generateContent')
    expect(sent()).toEqual({
      contents: [{ role: 'user', parts: [{ text: prompt }] }],
      generationConfig: { responseModalities: ['IMAGE'], imageConfig: { aspectRatio: '3:2' } },
    })
    // 0.30 and 30 dollars for a million.
    expect(await lastRecord()).toMatchObject({ usage: { units: { images: 1 } }, cost: 5 * 300 + 1290 * 30_000 })
  })

  it('edits, with the uploads inside the request, and is asked once for each picture', async () => {
    upstream.answer(json(drawn))
    const made = await edit('gemini/gemini-2.5-flash-image', { n: 2 }, ['a.png', 'b.png'])
    expect(made.data).toHaveLength(2)
    expect(upstream.received).toHaveLength(2)
    const data = { inlineData: { mimeType: 'image/png', data: b64 } }
    expect(sent()).toMatchObject({ contents: [{ parts: [data, data, { text: prompt }] }] })
    expect(await lastRecord()).toMatchObject({ cost: 2 * (5 * 300 + 1290 * 30_000) })
  })

  it('that will not draw says why, and its words are paid for', async () => {
    const refused = {
      ...candidate([{ text: 'I will not draw that.' }]),
      usageMetadata: { promptTokenCount: 5, candidatesTokenCount: 8 },
    }
    upstream.answer(json(refused))
    for (const n of [1, 2]) {
      await expect(generate('gemini/gemini-2.5-flash-image', { n })).rejects.toMatchObject({
        status: 400,
        message: expect.stringContaining('I will not draw that.') as string,
      })
      expect(await lastRecord()).toMatchObject({ cost: 5 * 300 + 8 * 2500, usage: { units: { images: 0 } } })
    }
  })
})

describe('Imagen', () => {
  const predictions = { predictions: [{ bytesBase64Encoded: b64, mimeType: 'image/png', prompt: 'A tall lighthouse' }] }

  it('is asked by predict, in its own sizes and shapes', async () => {
    upstream.answer(json(predictions))
    const made = await generate('vertex/imagen-4.0-generate-001', {
      size: '2048x2048',
      negative_prompt: 'fog',
      seed: 7,
      output_format: 'jpeg',
    })
    expect(made.data).toEqual([{ b64_json: b64, revised_prompt: 'A tall lighthouse' }])
    expect(received().path).toBe(
      '/v1/projects/p/locations/us-central1/publishers/google/models/imagen-4.0-generate-001:predict',
    )
    expect(sent()).toEqual({
      instances: [{ prompt }],
      parameters: {
        aspectRatio: '1:1',
        sampleImageSize: '2K',
        negativePrompt: 'fog',
        seed: 7,
        outputOptions: { mimeType: 'image/jpeg' },
        addWatermark: false,
      },
    })
  })

  it('edits what is masked', async () => {
    upstream.answer(json(predictions))
    await edit('vertex/imagen-3.0-capability-001', { mask: await file('m.png') })
    const bytes = { bytesBase64Encoded: b64 }
    expect(sent()).toMatchObject({
      instances: [
        {
          referenceImages: [
            { referenceType: 'REFERENCE_TYPE_RAW', referenceId: 1, referenceImage: bytes },
            { referenceType: 'REFERENCE_TYPE_MASK', referenceId: 2, referenceImage: bytes },
          ],
        },
      ],
      parameters: { editMode: 'EDIT_MODE_INPAINT_INSERTION' },
    })
  })

  it('that withholds a picture says for what reason', async () => {
    upstream.answer(json({ predictions: [{ raiFilteredReason: 'It shows violence.' }] }))
    await expect(generate('gemini/imagen-4.0-generate-001')).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining('It shows violence.') as string,
    })
  })
})

describe('Google’s own library', () => {
  const google = () =>
    new GoogleGenAI({
      vertexai: true,
      apiKey: clientKey,
      httpOptions: { baseUrl: gateway.url, apiVersion: 'v1beta' },
    })

  it('asks Imagen for pictures in its own protocol, which passes as it is', async () => {
    upstream.answer(json({ predictions: [{ bytesBase64Encoded: b64, mimeType: 'image/png', safetyAttributes: {} }] }))
    const made = await google().models.generateImages({
      model: 'painter',
      prompt,
      config: { numberOfImages: 2, aspectRatio: '16:9', personGeneration: 'DONT_ALLOW' as never },
    })
    expect(made.generatedImages?.[0]?.image).toMatchObject({ imageBytes: b64, mimeType: 'image/png' })
    expect(sent()).toEqual({
      instances: [{ prompt }],
      parameters: { sampleCount: 2, aspectRatio: '16:9', personGeneration: 'DONT_ALLOW' },
    })
    expect(await lastRecord()).toMatchObject({ operation: 'image', usage: { units: { images: 1 } }, cost: 40_000_000 })
  })

  it('has any other service draw', async () => {
    upstream.answer(json({ image: b64, finish_reason: 'SUCCESS', seed: 3 }))
    const made = await google().models.generateImages({
      model: 'stability/core',
      prompt,
      config: { aspectRatio: '16:9', negativePrompt: 'fog', outputMimeType: 'image/jpeg' },
    })
    expect(made.generatedImages?.[0]?.image).toMatchObject({ imageBytes: b64, mimeType: 'image/png' })
    expect((await formIn(received())).fields).toEqual({
      prompt: [prompt],
      negative_prompt: ['fog'],
      aspect_ratio: ['16:9'],
      output_format: ['jpeg'],
    })
  })

  it('is told what is wrong in its own protocol', async () => {
    const asked = google().models.generateImages({ model: 'stability/core', prompt, config: { numberOfImages: 9 } })
    await expect(asked).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining('sampleCount') as string,
    })
  })
})

describe('Bedrock', () => {
  it('draws with Nova Canvas, several at once, paid for by size and quality', async () => {
    upstream.answer(json({ images: [b64, b64] }))
    const made = await generate('bedrock/amazon.nova-canvas-v1:0', {
      n: 2,
      size: '2048x2048',
      quality: 'hd',
      response_format: 'b64_json',
      guidance_scale: 6.5,
    })
    expect(made.data).toEqual([{ b64_json: b64 }, { b64_json: b64 }])
    expect(received()).toMatchObject({ path: '/model/amazon.nova-canvas-v1%3A0/invoke' })
    expect(sent()).toEqual({
      taskType: 'TEXT_IMAGE',
      textToImageParams: { text: prompt },
      imageGenerationConfig: { numberOfImages: 2, quality: 'premium', width: 2048, height: 2048, cfgScale: 6.5 },
    })
    expect(await lastRecord()).toMatchObject({ cost: 2 * 80_000_000 })
  })

  it.each(['bedrock', 'signed'])(
    'works on uploads, which stand in the request, with an identity of %s',
    async (name) => {
      upstream.answer(json({ images: [b64] }))
      await edit(`${name}/amazon.nova-canvas-v1:0`, { mask: await file('m.png') })
      expect(sent()).toMatchObject({
        taskType: 'INPAINTING',
        inPaintingParams: { text: prompt, image: b64, maskImage: b64 },
      })
      if (name === 'signed') expect(received().headers.authorization).toMatch(/^AWS4-HMAC-SHA256 /)
      await edit(`${name}/amazon.nova-canvas-v1:0`, { strength: '0.3' }, ['a.png', 'b.png'])
      expect(sent()).toMatchObject({
        taskType: 'IMAGE_VARIATION',
        imageVariationParams: { images: [b64, b64], similarityStrength: 0.7 },
      })
    },
  )

  it('draws with Stability’s models, and tells of what the filter took', async () => {
    upstream.answer(json({ images: [b64], seeds: [42], finish_reasons: [null] }))
    const made = await generate('bedrock/stability.sd3-5-large-v1:0', { aspect_ratio: '16:9' })
    expect(made.data).toEqual([{ b64_json: b64, extra: { seed: 42 } }])
    expect(sent()).toEqual({ prompt, aspect_ratio: '16:9', mode: 'text-to-image' })
    upstream.answer(json({ finish_reasons: ['Filter reason: prompt'] }))
    await expect(generate('bedrock/stability.sd3-5-large-v1:0')).rejects.toMatchObject({ status: 400 })
  })
})

describe('Stability AI', () => {
  it('is sent a form, and asked once for each picture', async () => {
    upstream.answer(json({ image: b64, finish_reason: 'SUCCESS', seed: 3 }))
    const made = await generate('stability/core', { n: 2, size: '1024x1024', seed: 5, style: 'anime' })
    expect(made.data).toHaveLength(2)
    expect(upstream.received.map(({ path }) => path)).toEqual(
      Array.from({ length: 2 }, () => '/v2beta/stable-image/generate/core'),
    )
    const forms = await Promise.all(upstream.received.map((one) => formIn(one)))
    const settings = { prompt: [prompt], aspect_ratio: ['1:1'], style_preset: ['anime'] }
    expect(forms.map(({ fields }) => fields)).toEqual([
      { ...settings, seed: ['5'] },
      { ...settings, seed: ['6'] },
    ])
    // Three credits each, of a cent.
    expect(await lastRecord()).toMatchObject({ usage: { units: { images: 2 } }, cost: 2 * 30_000_000 })
  })

  it('works on pictures with its models and its tools', async () => {
    upstream.answer(json({ image: b64, finish_reason: 'SUCCESS', seed: 3 }))
    await edit('stability/sd3.5-large', { strength: '0.4' })
    let form = await formIn(received())
    expect(received().path).toBe('/v2beta/stable-image/generate/sd3')
    expect(form.fields).toEqual({
      prompt: [prompt],
      model: ['sd3.5-large'],
      mode: ['image-to-image'],
      strength: ['0.4'],
    })
    expect(form.files.map(({ field, bytes }) => [field, bytes.equals(png)])).toEqual([['image', true]])
    await edit('stability/inpaint', { mask: await file('m.png') })
    form = await formIn(received())
    expect(received().path).toBe('/v2beta/stable-image/edit/inpaint')
    expect(form.files.map(({ field }) => field)).toEqual(['image', 'mask'])
  })

  it('bills nothing for what it will not show', async () => {
    upstream.answer(json({ image: b64, finish_reason: 'CONTENT_FILTERED', seed: 3 }))
    await expect(generate('stability/ultra')).rejects.toMatchObject({ status: 400 })
    upstream.answer(json({ id: '1', name: 'content_moderation', errors: ['Your request was flagged'] }, 403))
    await expect(generate('stability/ultra')).rejects.toMatchObject({
      status: 403,
      message: expect.stringContaining('Your request was flagged') as string,
    })
    expect(await lastRecord()).not.toHaveProperty('cost')
  })
})

describe('Together AI', () => {
  it('has words of its own', async () => {
    upstream.answer(json({ data: [{ index: 0, url: `${upstream.url}/x.png` }] }))
    const made = await generate('together/black-forest-labs/FLUX.1-schnell', { size: '768x1024', steps: 4 })
    expect(made.data).toEqual([{ url: `${upstream.url}/x.png` }])
    expect(sent()).toEqual({ model: 'black-forest-labs/FLUX.1-schnell', prompt, width: 768, height: 1024, steps: 4 })
  })

  it('takes a picture to work on as a URL', async () => {
    upstream.answer(json({ data: [{ b64_json: b64 }] }))
    await edit('together/black-forest-labs/FLUX.1-kontext-pro')
    expect(received().path).toBe('/v1/images/generations')
    expect(sent()).toMatchObject({ image_url: `data:image/png;base64,${b64}` })
  })
})

describe('Fireworks AI', () => {
  it.each([
    ['in base64', json({ base64: [b64], finishReason: 'SUCCESS', seed: 1 })],
    ['as a picture itself', picture],
  ])('answers at once %s', async (_how, answer) => {
    upstream.answer(answer)
    const made = await generate('fireworks/flux-1-schnell-fp8', { steps: 4, size: '1024x576' })
    expect(made.data?.[0]?.b64_json).toBe(b64)
    expect(received().path).toBe('/inference/v1/workflows/accounts/fireworks/models/flux-1-schnell-fp8/text_to_image')
    expect(sent()).toEqual({ prompt, aspect_ratio: '16:9', num_inference_steps: 4 })
  })

  it('is ordered pictures of pictures, and asked about them', async () => {
    const ready = { id: 'r1', status: 'Ready', result: { sample: `${upstream.url}/x.png` } }
    upstream.answer(
      service({
        '/flux-kontext-pro': json({ request_id: 'r1' }),
        '/get_result': inTurn(json({ id: 'r1', status: 'Pending', result: null }), json(ready)),
        '.png': picture,
      }),
    )
    const made = await edit('fireworks/flux-kontext-pro', { response_format: 'b64_json' })
    expect(made.data).toEqual([{ b64_json: b64 }])
    expect(sent(0)).toMatchObject({ prompt, input_image: `data:image/png;base64,${b64}` })
    expect(sent(1)).toEqual({ id: 'r1' })
  })
})

describe('Replicate', () => {
  const prediction = (status: string, more: object = {}) => ({
    id: 'p1',
    status,
    urls: { get: `${upstream.url}/v1/predictions/p1`, cancel: `${upstream.url}/v1/predictions/p1/cancel` },
    ...more,
  })

  it('predicts pictures', async () => {
    upstream.answer(
      service({
        '/flux-schnell/predictions': json(prediction('starting'), 201),
        '/p1': json(prediction('succeeded', { output: [`${upstream.url}/x.png`] })),
        '.png': picture,
      }),
    )
    const made = await generate('replicate/black-forest-labs/flux-schnell', {
      size: '1792x1024',
      output_format: 'jpeg',
      response_format: 'b64_json',
    })
    expect(made.data).toEqual([{ b64_json: b64 }])
    expect(sent(0)).toEqual({ input: { prompt, aspect_ratio: '16:9', output_format: 'jpg' } })
  })

  it('is told of a failed prediction', async () => {
    upstream.answer(json(prediction('failed', { error: 'NSFW content detected' }), 201))
    await expect(generate('replicate/black-forest-labs/flux-schnell')).rejects.toMatchObject({ status: 400 })
  })
})

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
  const server = (told: object = history): Answer =>
    service({
      '/upload/image': json({ name: 'up.png', subfolder: '', type: 'temp' }),
      '/prompt': json({ prompt_id: 'p1', number: 1, node_errors: {} }),
      '/history/p1': inTurn(json({}), json(told)),
      '/view': picture,
    })

  it('queues a workflow around a checkpoint, and fetches what came of it', async () => {
    upstream.answer(server())
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
  const server = (told: object = task): Answer =>
    service({
      '/fetch': inTurn(json({ id: 't1', status: 'IN_PROGRESS', progress: '50%' }), json(told)),
      '': json({ code: 1, description: 'ok', result: 't1' }),
    })

  it('is submitted a task with settings behind dashes, and tells what can be done next', async () => {
    upstream.answer(server())
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

describe('whoever serves', () => {
  it('tells what it had no words for, and is not asked what would be another picture without it', async () => {
    upstream.answer(json({ image: b64, finish_reason: 'SUCCESS' }))
    const { response } = await client.images
      .generate({ model: 'stability/core', prompt, background: 'transparent', quality: 'high', size: '1000x500' })
      .withResponse()
    expect(response.headers.get(lostHeader)).toMatch(/background/)
    await expect(edit('together/x', { mask: await file('m.png') })).rejects.toMatchObject({
      status: 400,
      param: 'mask',
    })
  })

  it('makes the one event of a stream', async () => {
    upstream.answer(json({ image: b64, finish_reason: 'SUCCESS' }))
    const events = await client.images.generate({ model: 'stability/core', prompt, stream: true })
    const seen = []
    for await (const event of events) seen.push(event)
    expect(seen).toMatchObject([{ type: 'image_generation.completed', b64_json: b64 }])
  })
})
