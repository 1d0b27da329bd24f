import { createHmac } from 'node:crypto'
import { webhookSignatureHeaders } from '../outbound/webhook-signature.ts'

type Signed = {
  readonly secret: string
  readonly body: string
  readonly at: Date
  readonly subscriptionId: number
  readonly eventType: string
  readonly eventId: string
  /** From 1. */
  readonly attempt: number
}

/** Both signatures have one key, the characters of the secret, so that there is one secret to hand out and to replace. */
export function deliveryHeaders({ secret, body, at, subscriptionId, eventType, eventId, attempt }: Signed) {
  // The parts of what is signed stand between full stops, so the id has none.
  const messageId = eventId.replaceAll('.', '_')
  const time = Math.floor(at.getTime() / 1000)
  const digest = createHmac('sha256', secret).update(`${messageId}.${time}.${body}`).digest('base64')
  return {
    'Content-Type': 'application/json',
    ...webhookSignatureHeaders(secret, body, at),
    'X-24Observe-Event': eventType,
    'X-24Observe-Delivery-Id': `${subscriptionId}-${eventId}-${attempt}`,
    'webhook-id': messageId,
    'webhook-timestamp': String(time),
    'webhook-signature': `v1,${digest}`,
  }
}
