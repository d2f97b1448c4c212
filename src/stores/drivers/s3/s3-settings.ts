/** Where a bucket is and who the gateway is there. */
import type { AwsIdentity } from '../../../kernel/identity/aws/fields.ts'

export interface S3Settings {
  readonly bucket: string
  /** Of a service that is not AWS, without a trailing slash. */
  readonly endpoint?: string
  /** What every key begins with. */
  readonly prefix: string
  /** The bucket stands in the path rather than in the host. */
  readonly pathStyle: boolean
  readonly identity: AwsIdentity & { readonly region: string }
}

export interface S3Place {
  /** Scheme, host and port. */
  readonly origin: string
  /** What comes before the key. */
  readonly path: string
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html */
export function placeOf({ bucket, endpoint, pathStyle, identity: { region } }: S3Settings): S3Place {
  const base = new URL(endpoint ?? `https://s3.${region}.amazonaws.com`)
  const prefix = base.pathname.replace(/\/$/, '')
  if (pathStyle) return { origin: base.origin, path: `${prefix}/${bucket}` }
  return { origin: `${base.protocol}//${bucket}.${base.host}`, path: prefix }
}
