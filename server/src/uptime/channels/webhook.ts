import { webhookSignatureHeaders } from '../../outbound/webhook-signature.ts'
import type { Alert, AlertDeps, AlertOutcome } from './alert.ts'
import { postJson } from './post.ts'

export function sendToWebhook(url: string, alert: Alert, deps: AlertDeps): Promise<AlertOutcome> {
  const { monitor, url: target, status, error, at, details, delivery } = alert
  const json = JSON.stringify({ ...details, monitor, url: target, status, error, timestamp: at.toISOString() })
  const headers = {
    ...webhookSignatureHeaders(deps.webhookSecret, json, deps.now()),
    ...(delivery !== undefined && { 'X-24Observe-Delivery-Id': `${delivery.id}-${delivery.attempt}` }),
  }
  return postJson(deps, { url, json, headers, secrets: [url, deps.webhookSecret] })
}
