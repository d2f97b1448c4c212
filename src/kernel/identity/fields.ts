/** Fields that configurations of cloud identities have in common. */
import { z } from 'zod'

/** A secret that goes into a header or a form. What is wrong with it is told without repeating it. */
export const secretField = z
  .string()
  .regex(/^[\x21-\x7e]+$/, { error: 'has spaces, line breaks or other characters that no key has' })

/** A path of a file; `~/` is the home of whoever the gateway runs as. */
export const fileField = z
  .string()
  .min(1)
  .regex(/^[^\0\r\n]*$/, { error: 'is not a path' })
