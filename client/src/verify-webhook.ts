export interface WebhookDelivery {
  /** The body's own bytes or text, before any parsing. */
  readonly payload: string | Uint8Array<ArrayBuffer>
  /** The signature header as it came: `t=<unix seconds>,v1=<hex>`. */
  readonly signature: string
  readonly secret: string
  /** How old or how far ahead a delivery may be; 300 unless told otherwise. */
  readonly toleranceSeconds?: number
}

/** True when the delivery was signed with this secret, lately: an old one may be a replay. */
export async function verifyWebhook(delivery: WebhookDelivery): Promise<boolean> {
  const parts = delivery.signature.split(',').map((part) => part.trim())
  const time = parts.find((part) => /^t=\d{1,15}$/.test(part))?.slice(2)
  const signatures = parts.filter((part) => /^v1=[0-9a-f]{64}$/i.test(part)).map((part) => bytesOfHex(part.slice(3)))
  if (time === undefined) return false
  if (Math.abs(Date.now() / 1000 - Number(time)) > (delivery.toleranceSeconds ?? 300)) return false

  const encoder = new TextEncoder()
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('raw', encoder.encode(delivery.secret), algorithm, false, ['verify'])
  const payload = typeof delivery.payload === 'string' ? encoder.encode(delivery.payload) : delivery.payload
  const signed = new Uint8Array([...encoder.encode(`${time}.`), ...payload])
  // Several signatures stand in the header while a secret is being rotated. `verify` compares in constant time.
  const matches = await Promise.all(signatures.map((signature) => crypto.subtle.verify('HMAC', key, signature, signed)))
  return matches.includes(true)
}

function bytesOfHex(hex: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}
