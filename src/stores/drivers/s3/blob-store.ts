/** Blobs as objects of a bucket, at any service that speaks the S3 protocol. */
import type { BlobStore } from '../../blob-store.ts'
import { S3BlobWriter } from './blob-writer.ts'
import { S3Client } from './s3-client.ts'
import type { S3Context } from './s3-client.ts'
import type { S3Settings } from './s3-settings.ts'
import { elementsIn, textIn } from './xml.ts'

export function s3BlobStore(settings: S3Settings, context: S3Context): BlobStore {
  const client = new S3Client(settings, context)

  async function abortUploads(id: string): Promise<void> {
    const query = `prefix=${encodeURIComponent(client.keyOf(id))}&uploads=`
    const xml = (await client.text({ method: 'GET', query })) ?? ''
    for (const upload of elementsIn(xml, 'Upload')) {
      const uploadId = textIn(upload, 'UploadId')
      if (uploadId === undefined || textIn(upload, 'Key') !== client.keyOf(id)) continue
      await client.text({ method: 'DELETE', key: id, query: `uploadId=${encodeURIComponent(uploadId)}` })
    }
  }

  return {
    create: (id) => Promise.resolve(new S3BlobWriter(client, id)),
    async read(id, range) {
      const headers = range === undefined ? {} : { range: `bytes=${range.start}-${range.end - 1}` }
      const answer = await client.call({ method: 'GET', key: id, headers })
      if (answer.status !== 404) return answer.bytes
      answer.close()
      return undefined
    },
    async remove(id) {
      await client.text({ method: 'DELETE', key: id })
      await abortUploads(id)
    },
    // The bucket may be others' as well: nothing is taken away there but what belongs to a file that is known.
    sweep: () => Promise.resolve(),
  }
}
