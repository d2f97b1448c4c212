/** The `base_url` field of a provider's configuration: checked once when the configuration is read, so that requests only join strings. */
import { z } from 'zod'

/** What is wrong with it, in words that never repeat it: base URLs are sometimes pasted with a secret inside. */
function fault(text: string): string | undefined {
  if (!URL.canParse(text)) return 'must be an absolute URL, such as http://localhost:8000/v1'
  const url = new URL(text)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return 'must begin with http:// or https://'
  if (url.username !== '' || url.password !== '') return 'must not contain a user name or password'
  if (url.search !== '' || url.hash !== '') return 'must not have a query or fragment'
  return undefined
}

/** An http(s) URL without user, query and fragment; trailing slashes are dropped. */
export const baseUrlField = z
  .string()
  .superRefine((text, context) => {
    const message = fault(text)
    if (message !== undefined) context.addIssue({ code: 'custom', message })
  })
  .overwrite((text) => text.replace(/\/+$/, ''))
  .describe('Address of the service, with the version in its path where it has one.')

/** The path of a base URL without its trailing slash; empty for a bare origin. */
export function basePath(base: string): string {
  return new URL(base).pathname.replace(/\/+$/, '')
}
