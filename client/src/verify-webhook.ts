export interface WebhookDelivery {
  /** The body's own bytes or text, before any parsing. */
  readonly payload: string | Uint8Array<ArrayBuffer>
  /** The header as it came: `X-24Observe-Signature`, or `webhook-signature` together with the two below. */
  readonly signature: string
  /** `webhook-id` and `webhook-timestamp`, for `webhook-signature`. */
  readonly id?: string
  readonly timestamp?: string
  /** As the server shows it, or as `whsec_` and base64. */
  readonly secret: string
  /** How old or how far ahead a delivery may be; 300 unless told otherwise. */
  readonly toleranceSeconds?: number
}

/** True when the delivery was signed with this secret, lately: an old one may be a replay. */
export async function verifyWebhook(delivery: WebhookDelivery): Promise<boolean> {
  const { id, payload, secret, toleranceSeconds = 300 } = delivery
  const { time, prefix, signatures } = id === undefined ? readOriginal(delivery) : readStandard(delivery, id)
  if (time === undefined || !/^\d{1,15}$/.test(time)) return false
  if (Math.abs(Date.now() / 1000 - Number(time)) > toleranceSeconds) return false

  const key = await crypto.subtle.importKey('raw', keyOf(secret), { name: 'HMAC', hash: 'SHA-256' }, false, ['verify'])
  const signed = new Uint8Array([
    ...encode(`${prefix}${time}.`),
    ...(typeof payload === 'string' ? encode(payload) : payload),
  ])
  // Several signatures stand in the header while a secret is being rotated. `verify` compares in constant time.
  const matches = await Promise.all(signatures.map((signature) => crypto.subtle.verify('HMAC', key, signature, signed)))
  return matches.includes(true)
}

interface Signed {
  readonly time: string | undefined
  /** What is signed before the time. */
  readonly prefix: string
  readonly signatures: readonly Uint8Array<ArrayBuffer>[]
}

/** `t=<unix seconds>,v1=<hex>` */
function readOriginal({ signature }: WebhookDelivery): Signed {
  const parts = signature.split(',').map((part) => part.trim())
  const hex = parts.filter((part) => /^v1=[0-9a-f]{64}$/i.test(part)).map((part) => part.slice(3))
  return {
    time: parts.find((part) => part.startsWith('t='))?.slice(2),
    prefix: '',
    signatures: hex.map((text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))),
  }
}

/** `v1,<base64>`, several with spaces between them. */
function readStandard({ signature, timestamp }: WebhookDelivery, id: string): Signed {
  const base64 = signature.split(' ').filter((part) => /^v1,[A-Za-z0-9+/]{43}=$/.test(part))
  return { time: timestamp, prefix: `${id}.`, signatures: base64.map((part) => bytesOf(part.slice(3))) }
}

function keyOf(secret: string): Uint8Array<ArrayBuffer> {
  const base64 = /^whsec_([A-Za-z0-9+/]+=*)$/.exec(secret)?.[1]
  return base64 === undefined ? encode(secret) : bytesOf(base64)
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
}

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text)
}
