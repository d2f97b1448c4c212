/** Files, as OpenAI's clients upload and use them: https://developers.openai.com/api/reference/resources/files (read 2026-11-27). */
import type { FormFiles } from '../../kernel/upload.ts'
import { invalidRequest } from '../../model/fault.ts'
import { isJsonObject } from '../../model/json.ts'
import { fileJson } from '../../pipeline/files/file-json.ts'
import type { FileIntake } from '../../pipeline/files/file-intake.ts'
import { ownerOf } from '../../pipeline/files/file-keeper.ts'
import type { FileKeeper, ReceivedFile } from '../../pipeline/files/file-keeper.ts'
import { errandRoutes, jsonReply } from '../errand.ts'
import type { ErrandContext } from '../errand.ts'
import { readForm } from '../read-form.ts'
import { listOf } from '../responses/pages.ts'
import type { Route, RouteCall } from '../route.ts'
import { BytesSource } from './bytes-source.ts'

export interface FileRoutesContext extends ErrandContext {
  readonly keeper: FileKeeper
  /** Bytes that a form may have beside its file. */
  readonly bodyLimit: number
}

const collection = '/v1/files'
const one = `${collection}/{id}`
const mostListed = 10_000

const form: FormFiles = {
  media: 'any',
  fields: { file: 1 },
  example: 'curl -F purpose=batch -F file=@requests.jsonl',
}

export function fileRoutes(context: FileRoutesContext): Route[] {
  const { keeper, bodyLimit } = context
  const route = errandRoutes(context, 'file')

  async function receive({ request }: RouteCall, intake: FileIntake): Promise<ReceivedFile> {
    const { fields, uploads } = await readForm(request, { upload: Infinity, fields: bodyLimit }, intake, form)
    const [upload] = uploads
    const texts: unknown = JSON.parse(Buffer.from(fields).toString('utf8'))
    if (upload === undefined || !isJsonObject(texts)) throw invalidRequest('file', 'The form has no `file`.')
    return { fields: texts, name: upload.name, type: upload.type }
  }

  return [
    route('POST', collection, async (call, exchange) => {
      const header = exchange.header('x-sluicegate-provider')
      const file = await keeper.upload(exchange, header, (intake) => receive(call, intake))
      return jsonReply(fileJson(file))
    }),
    route('GET', collection, ({ query }, exchange) => {
      const owner = ownerOf(exchange.key)
      const { limit, ...rest } = readQuery(query)
      if (rest.after !== undefined) keeper.get(owner, rest.after)
      const found = keeper.list(owner, { ...rest, limit: limit + 1 })
      return jsonReply(listOf(found.slice(0, limit).map(fileJson), found.length > limit))
    }),
    route('GET', one, ({ params: { id = '' } }, exchange) =>
      jsonReply(fileJson(keeper.get(ownerOf(exchange.key), id))),
    ),
    route('DELETE', one, async ({ params: { id = '' } }, exchange) => {
      await keeper.remove(ownerOf(exchange.key), id)
      return jsonReply({ id, object: 'file', deleted: true })
    }),
    route('GET', `${one}/content`, async ({ params: { id = '' } }, exchange) => {
      const file = keeper.get(ownerOf(exchange.key), id)
      const { bytes, length } = await keeper.content(file, exchange)
      return {
        kind: 'stream',
        status: 200,
        contentType: 'application/octet-stream',
        headers: {
          'content-disposition': attachment(file.name),
          ...(length !== undefined && { 'content-length': String(length) }),
        },
        source: new BytesSource(bytes, exchange),
      }
    }),
  ]
}

function readQuery(query: URLSearchParams) {
  const limit = query.get('limit') ?? String(mostListed)
  if (!/^\d{1,5}$/.test(limit) || Number(limit) < 1 || Number(limit) > mostListed)
    throw invalidRequest('limit', `limit must be a whole number from 1 to ${mostListed}.`)
  const order = query.get('order') ?? 'desc'
  if (order !== 'asc' && order !== 'desc') throw invalidRequest('order', 'order must be asc or desc.')
  const after = query.get('after')
  const purpose = query.get('purpose')
  return {
    limit: Number(limit),
    order: order === 'asc' ? ('asc' as const) : ('desc' as const),
    ...(after !== null && after !== '' && { after }),
    ...(purpose !== null && purpose !== '' && { purpose }),
  }
}

/** With a name for clients that read ASCII alone, where it has more than that: https://www.rfc-editor.org/rfc/rfc6266#section-4.3 */
function attachment(name: string): string {
  const plain = name.replaceAll(/[^\x20-\x7e]|["\\%]/gu, '_')
  const whole = plain === name ? '' : `; filename*=UTF-8''${percentEncoded(name)}`
  return `attachment; filename="${plain === '' ? 'file' : plain}"${whole}`
}

const percentEncoded = (name: string): string =>
  encodeURIComponent(name.toWellFormed()).replaceAll(
    /['()*!]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
