/** Which paths are for a provider: never one that the gateway has for itself. */
import { expect, it } from 'vitest'
import type { PassTarget } from '../../kernel/passage.ts'
import { hasShortPath, matchPassPath, passPathOf } from './pass-paths.ts'

const targetOf = (provider: string): PassTarget | undefined =>
  ['openai', 'v1', 'v2x', 'files', 'passthrough', 'my.provider'].includes(provider)
    ? ({ provider } as PassTarget)
    : undefined
const found = (path: string): readonly [string, string] | undefined => {
  const match = matchPassPath(path, targetOf)
  return match && [match.target.provider, match.path]
}

it('have the provider first, or after a word that nothing else begins with', () => {
  expect(found('/openai/v1/files')).toEqual(['openai', '/v1/files'])
  expect(found('/passthrough/openai/v1/files')).toEqual(['openai', '/v1/files'])
  expect(found('/passthrough/files/v1/files')).toEqual(['files', '/v1/files'])
  expect(found('/passthrough/passthrough/x')).toEqual(['passthrough', '/x'])
  expect(found('/my.provider/x\ny')).toEqual(['my.provider', '/x\ny'])
})

it('are none where no provider of the name passes, or nothing comes behind it', () => {
  for (const path of [
    '/unknown/x',
    '/passthrough/unknown/x',
    '/openai',
    '/passthrough/openai',
    '/',
    '',
    '/%6Fpenai/x',
    '//openai/x',
  ])
    expect([path, found(path)]).toEqual([path, undefined])
})

it('are none where the first word is one of the gateway itself', () => {
  for (const path of ['/v1/files', '/v2x/files', '/files/x', '/passthrough/x'])
    expect([path, found(path)]).toEqual([path, undefined])
  expect([hasShortPath('V1'), hasShortPath('Files'), passPathOf('files'), passPathOf('openai')]).toEqual([
    false,
    false,
    '/passthrough/files',
    '/openai',
  ])
})
