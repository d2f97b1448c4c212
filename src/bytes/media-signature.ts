/**
 * What a file is by its first bytes, whatever its name says: the containers that sound and pictures come in, and what is passed off as them. The
 * signatures are those of each format's own specification; https://mimesniff.spec.whatwg.org gathers most of them.
 */
import { asBuffer } from './as-buffer.ts'

export interface MediaSignature {
  /** For people: `MP3`. */
  readonly name: string
  readonly type: string
  /** Sound, or a film that has some. */
  readonly audible: boolean
}

interface Known extends MediaSignature {
  readonly fits: (head: Buffer) => boolean
}

const at =
  (offset: number, mark: string, further?: { readonly at: number; readonly mark: string }) =>
  (head: Buffer): boolean =>
    head.toString('latin1', offset, offset + mark.length) === mark &&
    (further === undefined || head.toString('latin1', further.at, further.at + further.mark.length) === further.mark)

/** The eleven set bits that begin a frame of MPEG audio; layer 0 is that of AAC in ADTS. */
const mpegFrame =
  (isAac: boolean) =>
  (head: Buffer): boolean => {
    const second = head[1] ?? 0
    return (
      head[0] === 0xff && (second & 0xe0) === 0xe0 && ((second & 0x06) === 0) === isAac && (!isAac || second >= 0xf0)
    )
  }

const audible = (name: string, type: string, fits: Known['fits']): Known => ({ name, type, audible: true, fits })
const other = (name: string, type: string, fits: Known['fits']): Known => ({ name, type, audible: false, fits })

const signatures: readonly Known[] = [
  audible('WAV', 'audio/wav', at(0, 'RIFF', { at: 8, mark: 'WAVE' })),
  audible('WAV', 'audio/wav', at(0, 'RF64', { at: 8, mark: 'WAVE' })),
  audible('MP3', 'audio/mpeg', at(0, 'ID3')),
  audible('FLAC', 'audio/flac', at(0, 'fLaC')),
  audible('Ogg', 'audio/ogg', at(0, 'OggS')),
  audible('WebM or Matroska', 'audio/webm', at(0, '\x1a\x45\xdf\xa3')),
  other('AVIF', 'image/avif', at(4, 'ftypavif')),
  other('AVIF', 'image/avif', at(4, 'ftypavis')),
  other('HEIC', 'image/heic', at(4, 'ftyphei')),
  other('HEIC', 'image/heic', at(4, 'ftypmif1')),
  audible('MP4', 'audio/mp4', at(4, 'ftyp')),
  audible('AIFF', 'audio/aiff', at(0, 'FORM', { at: 8, mark: 'AIF' })),
  audible('AMR', 'audio/amr', at(0, '#!AMR')),
  audible('Core Audio', 'audio/x-caf', at(0, 'caff')),
  audible('AU', 'audio/basic', at(0, '.snd')),
  audible('ASF', 'audio/x-ms-wma', at(0, '\x30\x26\xb2\x75\x8e\x66\xcf\x11')),
  audible('AVI', 'video/x-msvideo', at(0, 'RIFF', { at: 8, mark: 'AVI ' })),
  audible('MPEG', 'video/mpeg', at(0, '\x00\x00\x01\xba')),
  other('PDF', 'application/pdf', at(0, '%PDF-')),
  other('PNG', 'image/png', at(0, '\x89PNG')),
  other('JPEG', 'image/jpeg', at(0, '\xff\xd8\xff')),
  other('GIF', 'image/gif', at(0, 'GIF8')),
  other('WebP', 'image/webp', at(0, 'RIFF', { at: 8, mark: 'WEBP' })),
  other('TIFF', 'image/tiff', at(0, 'II*\0')),
  other('TIFF', 'image/tiff', at(0, 'MM\0*')),
  other('BMP', 'image/bmp', (head) => at(0, 'BM')(head) && head.length > 26 && head.readUInt32LE(6) === 0),
  other('ZIP', 'application/zip', at(0, 'PK\x03\x04')),
  other('gzip', 'application/gzip', at(0, '\x1f\x8b')),
  other('ELF', 'application/x-elf', at(0, '\x7fELF')),
  other('Windows program', 'application/x-msdownload', at(0, 'MZ')),
  other('7z', 'application/x-7z-compressed', at(0, '7z\xbc\xaf\x27\x1c')),
  other('SQLite', 'application/vnd.sqlite3', at(0, 'SQLite format 3\0')),
  // Last, because two bytes of it are all there is.
  audible('MP3', 'audio/mpeg', mpegFrame(false)),
  audible('AAC', 'audio/aac', mpegFrame(true)),
]

/** So many bytes are enough to tell. */
export const signatureLength = 512
/** Fewer say nothing of whether they are text. */
const shortestText = 8

/** Undefined for bytes without a signature, as sound without a container has none. */
export function mediaSignature(start: Uint8Array): MediaSignature | undefined {
  const head = asBuffer(start.subarray(0, signatureLength))
  const found = signatures.find(({ fits }) => fits(head))
  if (found !== undefined) return { name: found.name, type: found.type, audible: found.audible }
  if (head.length >= shortestText && isText(head)) return { name: 'text', type: 'text/plain', audible: false }
  return undefined
}

/** No byte that no text has: sound has some within a few. */
function isText(head: Buffer): boolean {
  return (
    head.every((byte) => (byte >= 0x20 && byte !== 0x7f) || byte === 0x09 || byte === 0x0a || byte === 0x0d) &&
    isUtf8(head)
  )
}

function isUtf8(head: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true })
    return true
  } catch {
    return false
  }
}
