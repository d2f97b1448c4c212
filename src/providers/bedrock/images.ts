/** Models at Bedrock that make pictures, by InvokeModel: Amazon's and Stability AI's. */
import type { Offer } from '../../kernel/provider.ts'
import { pathStep } from '../../kernel/path-step.ts'

const path = (model: string): string => `/model/${pathStep(model)}/invoke`
const isAmazon = (model: string): boolean => /titan-image-generator|nova-canvas/.test(model)
const isStability = (model: string): boolean => /(?:^|\.)stability\./.test(model)
/** Those that need a picture to work on. */
const isTool = (model: string): boolean => /inpaint|erase|background|control|style|upscale|search|outpaint/.test(model)
/** Amazon's make as many pictures in one call. */
const most = 5

export const imageOffers: readonly Offer[] = [
  { operation: 'image', dialect: 'titan-image', verified: true, serves: isAmazon, path, maxInputs: most },
  { operation: 'edit-image', dialect: 'titan-image-edit', verified: true, serves: isAmazon, path, maxInputs: most },
  { operation: 'vary-image', dialect: 'titan-image-vary', verified: true, serves: isAmazon, path, maxInputs: most },
  {
    operation: 'image',
    dialect: 'bedrock-stability',
    verified: true,
    serves: (model) => isStability(model) && !isTool(model),
    path,
    maxInputs: 1,
  },
  {
    operation: 'edit-image',
    dialect: 'bedrock-stability-edit',
    verified: true,
    serves: (model) => isStability(model) && !model.includes('core'),
    path,
    maxInputs: 1,
  },
]
