/** Paths below a base URL: whatever reads them, and however often it undoes escapes, they never leave it. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runs } from '../../kernel/testing/depth.ts'
import { Fault } from '../../model/fault.ts'
import { belowBase, checkedPath, checkedQuery, comparablePath } from './pass-path.ts'

const refuses = (path: string): boolean => {
  try {
    checkedPath(path)
    return false
  } catch (error) {
    if (error instanceof Fault) return error.code === 'invalid_request'
    throw error
  }
}

describe('a path below the base URL', () => {
  it.each([
    '/files',
    '/files/',
    '/files/file-abc123/content',
    '/models/meta-llama%2FLlama-3.3-70B',
    '/models/gemini-2.5-pro:generateContent',
    '/model/anthropic.claude-3-5-sonnet-20241022-v2%3A0/converse',
    '/a.b/..c/d..',
    "/odd/~tilde_-!$&'()*+,;=:@",
    '/caf%C3%A9',
    '/100%25',
  ])('passes as it is: %s', (path) => {
    expect(refuses(path)).toBe(false)
  })

  it.each([
    '/..',
    '/../admin',
    '/files/..',
    '/files/../../admin',
    '/./files',
    '/files/.',
    '/%2e%2e/admin',
    '/%2E%2E/admin',
    '/.%2e/admin',
    '/%2e./admin',
    '/%252e%252e/admin',
    '/%25252e%25252e/admin',
    '/files/%2e%2e%2fadmin',
    '/files%2f..%2fadmin',
    '/files%2F%2E%2E%2Fadmin',
    '/files%252f..%252fadmin',
    '/files/..;/admin',
    '/files/..;a=b/admin',
    '/files/%2e%2e;/admin',
    '/files/..%3b/admin',
    '/files/..%20/admin',
    '//evil.example/files',
    '/files//x',
    '/%2f/evil.example',
    '/%2fevil.example',
    '/files/%2F%2Fx',
    String.raw`/..\admin`,
    String.raw`/files\..\admin`,
    '/files/..%5cadmin',
    '/%5c%5cevil.example',
    '/files%00.json',
    '/files%0d%0ahost:%20evil.example',
    '/files%23fragment',
    '/files%3Fkey=1',
    '/files#x',
    '/files?x',
    '/fi les',
    '/files\tx',
    '/files%',
    '/files%2',
    '/files%zz',
    '/%c0%ae%c0%ae/admin',
    '/files/é',
    '/files/<x>',
    'files',
    '',
    'http://evil.example/',
  ])('is refused: %s', (path) => {
    expect(refuses(path)).toBe(true)
  })

  const piece = fc.constantFrom(
    '/',
    '.',
    '..',
    '%2e',
    '%2E',
    '%2f',
    '%2F',
    '%5c',
    '%25',
    '%252e',
    '%252f',
    ';',
    '\\',
    'a',
    'files',
    '%61',
    ':',
    '@',
    '?',
    '#',
    '%00',
    ' ',
    '%3b',
    '%',
  )

  it('never leads out of it, for any reader that undoes escapes any number of times', () => {
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 12 }),
        fc.constantFrom('', '/v1', '/openai/v1', '/a/b'),
        (pieces, base) => {
          const path = `/${pieces.join('')}`
          if (refuses(path)) return
          let read = base + path
          for (let depth = 0; depth < 8; depth += 1) {
            for (const spelling of [read, read.replaceAll('\\', '/'), read.replace(/;[^/]*/g, '')]) {
              const url = new URL(`https://provider.example${spelling}`)
              expect(url.host).toBe('provider.example')
              expect(url.pathname.startsWith(`${base}/`)).toBe(true)
              expect(url.search + url.hash).toBe('')
            }
            // What undoes escapes without a care for those that are none.
            read = read.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
          }
        },
      ),
      { numRuns: runs(20_000) },
    )
  })

  it('has nothing that a request line could be cut by, whatever bytes came', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 20 }), (text) => {
        if (refuses(`/${text}`)) return
        expect(`/${text}`).toMatch(/^[\x21-\x7e]+$/)
      }),
      { numRuns: runs(5000) },
    )
  })
})

describe('the version of an API', () => {
  it('stands there once, whether the client writes it or not', () => {
    expect(belowBase('/v1', '/v1/files')).toBe('/files')
    expect(belowBase('/v1', '/files')).toBe('/files')
    expect(belowBase('/openai/v1', '/v1/files')).toBe('/files')
    expect(belowBase('/v1beta', '/v1beta/files')).toBe('/files')
    expect(belowBase('/v1', '/v1beta/files')).toBe('/v1beta/files')
    expect(belowBase('', '/v1/files')).toBe('/v1/files')
    expect(belowBase('/proxy', '/proxy/files')).toBe('/proxy/files')
  })
})

it('is compared as servers commonly read it', () => {
  expect(comparablePath(checkedPath('/chat/completions/'))).toBe('/chat/completions')
  expect(comparablePath(checkedPath('/chat/completions;x=1'))).toBe('/chat/completions')
  expect(comparablePath(checkedPath('/chat/%63ompletions'))).toBe('/chat/completions')
  expect(comparablePath(checkedPath('/chat%2fcompletions'))).toBe('/chat/completions')
})

it('takes queries of what a URL may hold', () => {
  expect(checkedQuery('limit=2&after=a%20b')).toBe('limit=2&after=a%20b')
  for (const query of ['a b', 'a#b', 'a\r\nb', 'é']) expect(() => checkedQuery(query)).toThrow(/characters/)
})
