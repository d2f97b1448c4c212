/** Pictures of services with protocols of their own, asked for with OpenAI's library: what they are sent, and what the client gets. */
import { GoogleGenAI } from '@google/genai'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { formIn } from '../harness/forms.ts'
import { clientKey } from '../harness/gateway.ts'
import { json } from '../harness/upstream.ts'
import { b64, file, inTurn, lostHeader, openImageStage, picture, png, prompt, service } from './image-stage.ts'

const { upstream, gateway, client, lastRecord, received, sent, generate, edit, close } = await openImageStage()
afterAll(close)
beforeEach(() => void (upstream.received.length = 0))

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
    ['as data URLs', json({ id: '1', base64: [`data:image/png;base64,${b64}`], finishReason: 'SUCCESS', seed: 1 })],
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
    const events = await client.images.generate({ model: 'stability/core', prompt, stream: true, partial_images: 2 })
    const seen = []
    for await (const event of events) seen.push(event)
    expect(seen).toMatchObject([{ type: 'image_generation.completed', b64_json: b64 }])
  })
})
