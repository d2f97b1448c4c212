/**
 * Files at the simulator: kept in memory as long as there is room, so that what is built on files can be tried. The oldest go first.
 * https://developers.openai.com/api/reference/resources/files
 */
import { randomBytes } from 'node:crypto'
import { readForm } from './form.ts'
import { SimProblem } from './problem.ts'
import type { SimRequest } from './request.ts'

interface SimFile {
  readonly id: string
  readonly name: string
  readonly purpose: string
  readonly content: Buffer
  readonly createdAt: number
}

export interface SimAnswer {
  readonly contentType: string
  readonly body: string | Uint8Array
}

const mostFiles = 200
const mostBytes = 128 << 20

export class SimFiles {
  readonly #files = new Map<string, SimFile>()
  #bytes = 0

  has(id: string): boolean {
    return this.#files.has(id)
  }

  /** Undefined where the path is of no file; `path` begins behind the version. */
  answer(path: string, { method, headers, body }: SimRequest, now: number): SimAnswer | undefined {
    if (path === '/files') {
      if (method === 'POST') return json(this.#take(readForm(headers['content-type'], body), now))
      if (method !== 'GET') throw new SimProblem(405, '/files takes GET and POST requests.')
      return json({ object: 'list', data: [...this.#files.values()].map(shown), has_more: false })
    }
    const [, id = '', rest = ''] = /^\/files\/([^/]+)(\/content)?$/.exec(path) ?? []
    if (id === '') return undefined
    const file = this.#files.get(id)
    if (file === undefined) throw new SimProblem(404, `No such File object: ${id.slice(0, 80)}`, { param: 'id' })
    if (rest !== '') return { contentType: 'application/octet-stream', body: file.content }
    if (method !== 'DELETE') return json(shown(file))
    this.#drop(file)
    return json({ id, object: 'file', deleted: true })
  }

  #take({ fields, files }: ReturnType<typeof readForm>, now: number) {
    const [sent] = files
    const purpose = fields.get('purpose')
    if (sent?.name !== 'file') throw new SimProblem(400, "'file' is a required property", { param: 'file' })
    if (purpose === undefined) throw new SimProblem(400, "'purpose' is a required property", { param: 'purpose' })
    const id = `file-${randomBytes(12).toString('hex')}`
    const content = Buffer.from(sent.content)
    const file = { id, name: fields.get('file_name') ?? 'file', purpose, content, createdAt: Math.floor(now / 1000) }
    this.#files.set(id, file)
    this.#bytes += content.length
    for (const oldest of this.#files.values()) {
      if (this.#files.size <= mostFiles && this.#bytes <= mostBytes) break
      this.#drop(oldest)
    }
    return shown(file)
  }

  #drop(file: SimFile): void {
    if (this.#files.delete(file.id)) this.#bytes -= file.content.length
  }
}

const shown = ({ id, name, purpose, content, createdAt }: SimFile) => ({
  id,
  object: 'file',
  bytes: content.length,
  created_at: createdAt,
  filename: name,
  purpose,
  status: 'processed',
})

export const json = (value: unknown): SimAnswer => ({ contentType: 'application/json', body: JSON.stringify(value) })
