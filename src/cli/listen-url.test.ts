/** Addresses as URLs. */
import { describe, expect, it } from 'vitest'
import { listenUrl, reachableUrl } from './listen-url.ts'

describe('addresses', () => {
  it('are URLs in every family', () => {
    expect(listenUrl('127.0.0.1', 80)).toBe('http://127.0.0.1:80')
    expect(listenUrl('::1', 80)).toBe('http://[::1]:80')
    expect(listenUrl('[::1]', 80)).toBe('http://[::1]:80')
    expect(listenUrl('0.0.0.0', 80)).toBe('http://0.0.0.0:80')
  })

  it('are reached over the loopback when they stand for all', () => {
    expect(reachableUrl('0.0.0.0', 80)).toBe('http://127.0.0.1:80')
    expect(reachableUrl('::', 80)).toBe('http://[::1]:80')
    expect(reachableUrl('example.net', 80)).toBe('http://example.net:80')
  })
})
