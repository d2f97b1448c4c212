/** Files as OpenAI keeps them, and all who do it in the same words: https://developers.openai.com/api/reference/resources/files (read 2026-11-27). */
import { uploadedFile } from '../../account-calls.ts'
import type { FileCalls } from '../../account-calls.ts'

export interface OpenaiFilesOptions extends Pick<FileCalls, 'verified' | 'purposes' | 'largest'> {
  /** Below the base URL, version and all. */
  readonly path: string
  /** Behind every path. */
  readonly query?: string
  /** Where files are sent to, where that is not `path` itself. */
  readonly uploadPath?: string
  /** The form has the file's name in a field of its own. */
  readonly nameField?: string
  /** It does not give files back. */
  readonly keepsContent?: true
}

export function openaiFiles(options: OpenaiFilesOptions): FileCalls {
  const { verified, purposes, largest, path, query = '', uploadPath = path, nameField, keepsContent } = options
  const one = (id: string, rest = ''): string => `${path}/${encodeURIComponent(id)}${rest}${query}`
  return {
    verified,
    ...(purposes !== undefined && { purposes }),
    ...(largest !== undefined && { largest }),
    upload: ({ purpose, name }) => ({
      calls: [
        {
          method: 'POST',
          path: `${uploadPath}${query}`,
          form: {
            purpose: purposes?.[purpose] ?? purpose,
            ...(nameField !== undefined && { [nameField]: name }),
            file: uploadedFile,
          },
        },
      ],
    }),
    readId: ({ id }) => (typeof id === 'string' && id !== '' ? id : undefined),
    ...(keepsContent !== true && { content: (id: string) => ({ method: 'GET' as const, path: one(id, '/content') }) }),
    remove: (id) => ({ method: 'DELETE', path: one(id) }),
  }
}
