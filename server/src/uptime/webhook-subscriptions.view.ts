import { type WebhookEventType, webhookEventTypes } from '@owlery/spec'
import type { DeliveryRow, SubscriptionRow } from './webhook-subscriptions.store.ts'

export function toSubscription(row: SubscriptionRow) {
  return {
    id: row.id,
    url: row.url,
    eventTypes: webhookEventTypes.filter((type) => row.event_types.includes(type)),
    description: row.description,
    enabled: row.enabled,
    disabledAt: row.disabled_at?.toISOString() ?? null,
    disabledReason: row.disabled_reason,
    consecutiveFailures: row.consecutive_failures,
    lastDeliveryAt: row.last_delivery_at?.toISOString() ?? null,
    lastDeliveryStatus: row.last_delivery_status,
    lastDeliveryStatusCode: row.last_delivery_status_code,
    createdAt: row.created_at.toISOString(),
  }
}

export function toDelivery(row: DeliveryRow) {
  return {
    id: row.id,
    eventType: eventTypeOf(row.event_type),
    eventId: row.event_id,
    attempt: row.attempt,
    status: row.status,
    statusCode: row.status_code,
    errorMessage: row.error_message,
    payloadJson: row.payload,
    responseBodyExcerpt: row.response_excerpt,
    nextAttemptAt: row.next_attempt_at?.toISOString() ?? null,
    deliveredAt: row.delivered_at?.toISOString() ?? null,
    createdAt: row.created_at.toISOString(),
  }
}

function eventTypeOf(text: string): WebhookEventType {
  const type = webhookEventTypes.find((known) => known === text)
  if (type === undefined) throw new Error(`a delivery has the unknown type ${text}`)
  return type
}
