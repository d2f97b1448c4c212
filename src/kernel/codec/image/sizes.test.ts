/** Sizes in the terms of services: always one that the service makes, exactly the wanted one where it can be, and told where not. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ImageRequest } from '../../../model/image.ts'
import type { Loss } from '../../../model/loss.ts'
import { nearestRatio, nearestSize, sizeWithin } from './sizes.ts'

const request = (more: Partial<ImageRequest>): ImageRequest => ({
  task: 'generate',
  model: 'm',
  prompt: 'x',
  images: [],
  stream: false,
  ...more,
})
const bounds = { least: 256, most: 4096, multiple: 16, mostPixels: 4_000_000 }

describe('a size', () => {
  it('is within the bounds, whatever is wanted, and untouched where it can be made', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 16_384 }), fc.integer({ min: 1, max: 16_384 }), (width, height) => {
        const lost: Loss[] = []
        const fitted = sizeWithin(request({ size: `${width}x${height}` }), bounds, 'id', lost)
        for (const side of [fitted?.width ?? 0, fitted?.height ?? 0]) {
          expect(side).toBeGreaterThanOrEqual(bounds.least)
          expect(side).toBeLessThanOrEqual(bounds.most)
          expect(side % bounds.multiple).toBe(0)
        }
        const same = fitted?.width === width && fitted.height === height
        expect(lost.length).toBe(same ? 0 : 1)
        const fine = [width, height].every((side) => side >= 256 && side <= 4096 && side % 16 === 0)
        if (fine && width * height <= bounds.mostPixels) expect(same).toBe(true)
      }),
    )
  })

  it.each([
    [{}, undefined],
    [{ size: 'auto' }, undefined],
    [{ aspectRatio: '16:9' }, { width: 1360, height: 768 }],
    [
      { size: '512x512', aspectRatio: '1:1' },
      { width: 1024, height: 1024 },
    ],
  ])('of %o is %o', (more, expected) => {
    expect(sizeWithin(request(more), bounds, 'id', [])).toEqual(expected)
  })

  it.each([
    ['1024x1024', '1024x1024', 0],
    ['1000x1000', '1024x1024', 1],
    ['500x500', '512x512', 1],
    ['1920x1080', '1408x768', 1],
  ])('of a list for %s is %s', (size, expected, told) => {
    const lost: Loss[] = []
    expect(nearestSize(request({ size }), ['512x512', '1024x1024', '1408x768'], 'id', lost)).toBe(expected)
    expect(lost).toHaveLength(told)
  })
})

it.each([
  [{ size: '1024x1024' }, '1:1', 0],
  [{ size: '1792x1024' }, '16:9', 0],
  [{ aspectRatio: '16:9' }, '16:9', 0],
  [{ aspectRatio: '21:9' }, '16:9', 1],
  [{ size: '1000x2000' }, '9:16', 1],
  [{}, undefined, 0],
])('the shape of %o is %s', (more, expected, told) => {
  const lost: Loss[] = []
  expect(nearestRatio(request(more), ['1:1', '16:9', '9:16'], 'id', lost)).toBe(expected)
  expect(lost).toHaveLength(told)
})
