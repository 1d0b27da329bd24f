import { createHmac } from 'node:crypto'

/** The secret's text is the key as it stands, not what its hex digits spell: that is what receivers' samples do. */
export function webhookSignatureHeaders(secret: string, body: string, at: Date): Record<string, string> {
  const time = Math.floor(at.getTime() / 1000)
  const digest = createHmac('sha256', secret).update(`${time}.${body}`).digest('hex')
  return {
    'User-Agent': '24observe-webhooks/1.0',
    'X-24Observe-Timestamp': String(time),
    'X-24Observe-Signature': `t=${time},v1=${digest}`,
  }
}
