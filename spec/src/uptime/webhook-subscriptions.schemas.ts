import { text, timestamp, z } from '../primitives.ts'

/** What can be subscribed to. `log_alert.fired` can be chosen before anything sends it. */
export const webhookEventTypes = [
  'incident.opened',
  'incident.acknowledged',
  'incident.resolved',
  'monitor.status_changed',
  'log_alert.fired',
] as const
export type WebhookEventType = (typeof webhookEventTypes)[number]

const url = text(1, 2048).openapi({ description: 'An http or https URL of a public host. Redirects are not followed.' })
const eventTypes = z
  .array(z.enum(webhookEventTypes))
  .max(20)
  .openapi({ description: 'The types of events to send; an empty list is all of them, also those to come.' })
const description = text(0, 255).nullable().optional()

export const WebhookSubscriptionCreate = z
  .strictObject({ url, eventTypes, description })
  .openapi('WebhookSubscriptionCreate', {
    description: 'Where events shall be sent, and which.',
    example: { url: 'https://hooks.example.com/owlery', eventTypes: ['incident.opened', 'incident.resolved'] },
  })

export const WebhookSubscriptionUpdate = z
  .strictObject({
    url: url.optional(),
    eventTypes: eventTypes.optional(),
    description,
    enabled: z.boolean().optional().openapi({
      description: 'What waits is kept while it is `false`. `true` after a pause begins anew: it forgets the failures.',
    }),
  })
  .openapi('WebhookSubscriptionUpdate', {
    description: 'What shall change: at least one field.',
    example: { enabled: true },
  })

const deliveryStatuses = ['pending', 'delivered', 'failed', 'dead'] as const

export const WebhookSubscription = z
  .object({
    id: z.int(),
    url: z.string(),
    eventTypes: z.array(z.enum(webhookEventTypes)),
    description: z.string().nullable(),
    enabled: z.boolean(),
    disabledAt: timestamp.nullable(),
    disabledReason: z.string().nullable().openapi({
      description: 'Why the service stopped sending; `null` where somebody else did, or nobody.',
    }),
    consecutiveFailures: z.int().openapi({
      description: 'Deliveries in a row that were given up after their last attempt. Ten disable the subscription.',
    }),
    lastDeliveryAt: timestamp.nullable().openapi({ description: 'When the last attempt ended.' }),
    lastDeliveryStatus: z.enum(deliveryStatuses).nullable(),
    lastDeliveryStatusCode: z.int().nullable(),
    createdAt: timestamp,
  })
  .openapi('WebhookSubscription', {
    description: 'Where events are sent, and how that went lately.',
    example: {
      id: 3,
      url: 'https://hooks.example.com/owlery',
      eventTypes: ['incident.opened', 'incident.resolved'],
      description: 'The on-call bot',
      enabled: true,
      disabledAt: null,
      disabledReason: null,
      consecutiveFailures: 0,
      lastDeliveryAt: '2026-05-13T18:01:00.000Z',
      lastDeliveryStatus: 'delivered',
      lastDeliveryStatusCode: 204,
      createdAt: '2026-05-13T18:00:00.000Z',
    },
  })

export const WebhookDeliveryEntry = z
  .object({
    id: z.int(),
    eventType: z.enum(webhookEventTypes),
    eventId: z.string().openapi({ description: 'The same in every attempt; `webhook-id` is this with `_` for `.`.' }),
    attempt: z.int().openapi({
      description: 'How many attempts were begun: counted before each is made, so no two carry the same number.',
    }),
    status: z.enum(deliveryStatuses).openapi({
      description:
        '`pending`: no attempt has ended yet. `failed`: will be tried again. `dead`: given up after five attempts.',
    }),
    statusCode: z.int().nullable().openapi({ description: 'What the receiver answered to the last attempt.' }),
    errorMessage: z.string().nullable(),
    payloadJson: z.string().openapi({ description: 'The body, byte for byte as it is sent and signed.' }),
    responseBodyExcerpt: z.string().nullable().openapi({ description: 'The first 1024 bytes of the last answer.' }),
    nextAttemptAt: timestamp.nullable().openapi({
      description: 'Not before this. `null` when it has ended, or waits for an earlier event of the same monitor.',
    }),
    deliveredAt: timestamp.nullable(),
    createdAt: timestamp,
  })
  .openapi('WebhookDeliveryEntry', {
    description: 'An event on its way to one subscription, and how its last attempt ended.',
    example: {
      id: 118,
      eventType: 'incident.opened',
      eventId: 'incident.12.opened',
      attempt: 1,
      status: 'delivered',
      statusCode: 204,
      errorMessage: null,
      payloadJson:
        '{"id":"incident.12.opened","type":"incident.opened","created":1778695260,"data":{"incident_id":12}}',
      responseBodyExcerpt: '',
      nextAttemptAt: null,
      deliveredAt: '2026-05-13T18:01:00.000Z',
      createdAt: '2026-05-13T18:00:59.000Z',
    },
  })
