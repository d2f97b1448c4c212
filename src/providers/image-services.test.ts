/** Services and servers that do nothing but pictures: where they are, and how their keys go along. */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { describeProvider } from '../kernel/testing/provider-kit.ts'
import { blackForestLabs } from './black-forest-labs.ts'
import { comfyui } from './comfyui/index.ts'
import { midjourneyProxy } from './midjourney-proxy.ts'
import { stability } from './stability.ts'
import { stableDiffusionWebui } from './stable-diffusion-webui.ts'

describeProvider(blackForestLabs, {
  cases: [
    {
      name: 'a key alone',
      config: {},
      credential: 'bfl-1',
      model: 'flux-2-pro',
      expect: {
        baseUrl: 'https://api.bfl.ai',
        paths: { 'bfl-flux': '/v1/flux-2-pro', 'bfl-flux-edit': '/v1/flux-2-pro' },
        headers: { 'x-key': 'bfl-1' },
        credentialHeader: 'x-key',
      },
    },
    {
      name: 'its region',
      config: { region: 'eu' },
      credential: 'bfl-1',
      model: '../x',
      expect: {
        baseUrl: 'https://api.eu.bfl.ai',
        paths: { 'bfl-flux': '/v1/..%2Fx', 'bfl-flux-edit': '/v1/..%2Fx' },
        headers: { 'x-key': 'bfl-1' },
        credentialHeader: 'x-key',
      },
    },
  ],
  refused: [{ name: 'a region that there is not', config: { region: 'mars' } }],
})

describeProvider(stability, {
  cases: (
    [
      ['ultra', 'generate/ultra', 'generate/ultra'],
      ['stable-image-core', 'generate/core', 'generate/core'],
      ['sd3.5-medium', 'generate/sd3', 'generate/sd3'],
    ] as const
  ).map(([model, generate, edit]) => ({
    name: `the model ${model}`,
    config: {},
    credential: 'sk-1',
    model,
    expect: {
      baseUrl: 'https://api.stability.ai',
      paths: {
        'stability-generate': `/v2beta/stable-image/${generate}`,
        'stability-edit': `/v2beta/stable-image/${edit}`,
      },
      headers: { authorization: 'Bearer sk-1', accept: 'application/json' },
      credentialHeader: 'authorization',
    },
  })),
  refused: [{ name: 'a misspelt field', config: { baseurl: 'https://api.stability.ai' } }],
})

const drawing = { 'webui-txt2img': '/sdapi/v1/txt2img', 'webui-img2img': '/sdapi/v1/img2img' }

describeProvider(stableDiffusionWebui, {
  cases: [
    {
      name: 'a server of one’s own',
      config: { base_url: 'http://localhost:7860/' },
      expect: {
        baseUrl: 'http://localhost:7860',
        paths: { ...drawing, 'webui-variations': '/sdapi/v1/img2img' },
        headers: {},
      },
    },
  ],
  refused: [{ name: 'no address', config: {} }],
})

const prompts = { 'comfyui-image': '/prompt', 'comfyui-image-edit': '/prompt', 'comfyui-image-vary': '/prompt' }

describeProvider(comfyui, {
  cases: [
    {
      name: 'a server of one’s own',
      config: { base_url: 'http://localhost:8188' },
      expect: { baseUrl: 'http://localhost:8188', paths: prompts, headers: {} },
    },
    {
      name: 'one behind a proxy with a token',
      config: { base_url: 'https://comfy.example/api' },
      credential: 'token-1',
      expect: {
        baseUrl: 'https://comfy.example/api',
        paths: prompts,
        headers: { authorization: 'Bearer token-1' },
        credentialHeader: 'authorization',
      },
    },
  ],
  refused: [{ name: 'no address', config: {} }],
})

const submits = { 'midjourney-image': '/mj/submit/imagine', 'midjourney-image-edit': '/mj/submit/imagine' }

describeProvider(midjourneyProxy, {
  cases: [
    {
      name: 'a secret',
      config: { base_url: 'http://localhost:8080' },
      credential: 's-1',
      expect: {
        baseUrl: 'http://localhost:8080',
        paths: submits,
        headers: { 'mj-api-secret': 's-1' },
        credentialHeader: 'mj-api-secret',
      },
    },
    {
      name: 'a relay with a prefix',
      config: { base_url: 'https://relay.example/mj-fast', auth: 'bearer' },
      credential: 's-1',
      expect: {
        baseUrl: 'https://relay.example/mj-fast',
        paths: submits,
        headers: { authorization: 'Bearer s-1' },
        credentialHeader: 'authorization',
      },
    },
  ],
  refused: [{ name: 'no address', config: {} }],
})

it('signs for a web UI as its own clients do', () => {
  const outbound = { method: 'POST', origin: 'http://a', path: '/', headers: {}, body: null }
  const signed = stableDiffusionWebui.sign(outbound, { base_url: 'http://a' }, 'user:password')
  expect(signed).toMatchObject({ headers: { authorization: 'Basic dXNlcjpwYXNzd29yZA==' } })
})

describe('lists of models', () => {
  it('of a web UI are its checkpoints', () => {
    const data = [{ title: 'dreamshaper_8.safetensors [879db523c3]', model_name: 'dreamshaper_8' }, null]
    expect(stableDiffusionWebui.modelNames?.({ data })).toEqual(['dreamshaper_8.safetensors [879db523c3]'])
    expect(stableDiffusionWebui.modelNames?.({ detail: 'Not Found' })).toBeUndefined()
  })

  it.each([[[['a.safetensors', 'b.ckpt'], {}]], [['COMBO', { options: ['a.safetensors', 'b.ckpt'] }]]])(
    'of ComfyUI are those of its node, as servers of all ages tell them',
    (...choice) => {
      const node = (ckpt_name: unknown) => ({ CheckpointLoaderSimple: { input: { required: { ckpt_name } } } }) as never
      const [only] = choice
      expect(comfyui.modelNames?.(node(only))).toEqual(['a.safetensors', 'b.ckpt'])
    },
  )
})

it('tells of workflows that cannot be used, by their place in the configuration', () => {
  const dir = mkdtempSync(join(tmpdir(), 'sluicegate-test-'))
  const put = (name: string, text: string): string => {
    writeFileSync(join(dir, name), text)
    return join(dir, name)
  }
  const workflows = {
    good: put('good.json', '{"1":{"class_type":"SaveImage","inputs":{}}}'),
    gone: join(dir, 'gone.json'),
    broken: put('broken.json', '{'),
    saved: put('saved.json', '{"nodes":[],"links":[]}'),
  }
  expect(comfyui.problems?.({ base_url: 'http://a', workflows })).toEqual([
    { field: 'workflows.gone', message: 'the file cannot be read' },
    { field: 'workflows.broken', message: 'the file is no JSON' },
    { field: 'workflows.saved', message: expect.stringContaining('Export (API)') as string },
  ])
})
