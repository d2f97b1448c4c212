/** Secrets of clients' keys: how they are made, hashed and shown. */
import { createHmac, randomBytes } from 'node:crypto'

const prefix = 'sg-'

/** 256 random bits, in letters that survive every copy and paste. */
export function newSecret(): string {
  return `${prefix}${randomBytes(32).toString('base64url')}`
}

/** HMAC-SHA-256 under the server secret, hex: what stores keep. */
export function hashSecret(secret: string, serverSecret: Buffer): string {
  return createHmac('sha256', serverSecret).update(secret).digest('hex')
}

/** Enough to tell keys apart, too little to use one. */
export function hintOf(secret: string): string {
  return secret.length >= 16 ? `${secret.slice(0, 6)}…` : `${secret.slice(0, 2)}…`
}
