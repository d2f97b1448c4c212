/** Requests of Google's clients for pictures: one instance with the words, and parameters beside it. */
import { MemberReader, wrongType } from '../../kernel/codec/member-reader.ts'
import type { RequestAddress } from '../../kernel/dialect.ts'
import { Fault, invalidRequest } from '../../model/fault.ts'
import type { ImageFormat, ImageRequest } from '../../model/image.ts'
import { isJsonObject } from '../../model/json.ts'
import { checkedAmount, checkedNumber, checkedRatio, checkedSize, checkedWord } from './checks.ts'

export const imagenId = 'imagen'

/** The most that Google's own clients may ask for. */
const mostImages = 8

export function readRequest(json: unknown, address?: RequestAddress): ImageRequest {
  if (!isJsonObject(json)) throw wrongType('body', 'a JSON object', json)
  const reader = new MemberReader(imagenId, json, '')
  const instances = reader.list('instances') ?? []
  const [instance] = instances
  if (instances.length !== 1 || !isJsonObject(instance))
    throw invalidRequest('instances', '`instances` must hold one object with a `prompt`.')
  const { prompt, ...others } = instance
  if (typeof prompt !== 'string' || prompt === '')
    throw invalidRequest('instances[0].prompt', '`instances[0].prompt` is empty: describe the picture.')
  if (others['referenceImages'] !== undefined || others['image'] !== undefined)
    throw new Fault('operation_not_supported', 'Pictures to work on go to `/v1/images/edits`.', {
      param: 'instances[0].referenceImages',
    })
  if (Object.keys(others).length > 0) reader.note('instance', others)
  const parameters = reader.nested('parameters')
  const read = <T>(key: string, check: (value: unknown, name: string) => T | undefined): T | undefined =>
    parameters === undefined ? undefined : check(parameters.take(key), parameters.at(key))
  const output = parameters?.nested('outputOptions')
  const mimeType = output && checkedWord(output.take('mimeType'), output.at('mimeType'), ['image/png', 'image/jpeg'])
  const given = {
    n: read('sampleCount', (value, key) => checkedNumber(value, key, 1, mostImages)),
    aspectRatio: read('aspectRatio', checkedRatio),
    size: read('sampleImageSize', checkedSize),
    negativePrompt: parameters?.string('negativePrompt'),
    seed: read('seed', (value, key) => checkedNumber(value, key, 0, Number.MAX_SAFE_INTEGER)),
    guidance: read('guidanceScale', (value, key) => checkedAmount(value, key, 0, 100)),
    format: mimeType === undefined ? undefined : (mimeType.replace('image/', '') as ImageFormat),
    compression: output && checkedNumber(output.take('compressionQuality'), output.at('compressionQuality'), 0, 100),
  }
  return {
    task: 'generate',
    model: address?.model ?? '',
    prompt,
    images: [],
    ...(Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Partial<ImageRequest>),
    // Clients of this protocol know no URLs but Google's own.
    answerAs: 'b64_json',
    stream: false,
    ...reader.node(),
  }
}
