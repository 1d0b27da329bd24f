import { operation } from '../operation.ts'
import { caller } from '../policy.ts'
import { integerId, queryInteger, z } from '../primitives.ts'
import {
  WebhookDeliveryEntry,
  WebhookSubscription,
  WebhookSubscriptionCreate,
  WebhookSubscriptionUpdate,
} from './webhook-subscriptions.schemas.ts'

const params = z.strictObject({ id: integerId.openapi({ description: 'The id of the subscription.' }) })
const reading = caller({ scope: 'webhooks:read', role: 'viewer' })
const writing = caller({ scope: 'webhooks:write', role: 'admin' })

export const webhookSubscriptions = {
  list: operation({
    method: 'get',
    path: '/api/v1/webhook-subscriptions',
    summary: 'List webhook subscriptions',
    description: 'Newest first. A page is as long as `limit`; the next one begins `before` the last id of this one.',
    origin: '24observe',
    access: reading,
    limit: 'api',
    query: z.strictObject({
      limit: queryInteger({ min: 1, max: 100, default: 100 }).openapi({ description: 'How many to answer at most.' }),
      before: integerId.optional().openapi({ description: 'Only subscriptions with a smaller id: the next page.' }),
    }),
    success: { status: 200, description: 'Subscriptions, newest first.', body: z.array(WebhookSubscription) },
    errors: [],
    pagination: { style: 'keyset', parameter: 'before', key: 'id' },
  }),
  create: operation({
    method: 'post',
    path: '/api/v1/webhook-subscriptions',
    summary: 'Subscribe to events',
    description: [
      'Every event from now on is posted to the URL as `{"id", "type", "created", "data"}`, signed with the webhook secret of the organization: in `X-24Observe-Signature`, and after Standard Webhooks in `webhook-signature`, whose key is the same secret, `whsec_` and base64 of its 64 characters.',
      'Anything but 2xx within 10 seconds is a failure and is tried again after about 30 seconds, 5 minutes, 30 minutes and 2 hours. An event may arrive more than once, with the same `webhook-id`; each attempt has an `X-24Observe-Delivery-Id` of its own.',
      "Events of one monitor arrive in the order they happened. While a receiver is away (no answer, 408, 425, 429, 502, 503, 504) everything waits for the next attempt, in order. After another 5xx everything waits for the second attempt; when that fails as well, and after each further attempt that fails, one other event shows what it means: if the receiver is down they wait together, and if the other one is taken the failure is the first event's own. Then, as after 3xx and 4xx, only later events of the same monitor wait behind it.",
      'After ten deliveries in a row that were given up it is disabled, and the owners of the organization get a mail. Events that happen while it is disabled are not sent; what was waiting before is kept, and goes when it is enabled again.',
      'An organization has at most 100 subscriptions.',
    ].join('\n\n'),
    origin: '24observe',
    access: writing,
    limit: 'api',
    body: WebhookSubscriptionCreate,
    success: { status: 201, description: 'The new subscription.', body: WebhookSubscription },
    errors: ['WEBHOOK_URL_UNSAFE', 'WEBHOOK_URL_UNRESOLVABLE'],
    audit: 'CREATE_WEBHOOK_SUBSCRIPTION',
    etag: true,
    slow: true,
  }),
  get: operation({
    method: 'get',
    path: '/api/v1/webhook-subscriptions/{id}',
    summary: 'Read a webhook subscription',
    description: 'What it is set to, and how its last delivery went.',
    origin: '24observe',
    access: reading,
    limit: 'api',
    params,
    success: { status: 200, description: 'The subscription.', body: WebhookSubscription },
    errors: ['NOT_FOUND'],
    etag: true,
  }),
  update: operation({
    method: 'patch',
    path: '/api/v1/webhook-subscriptions/{id}',
    summary: 'Change a webhook subscription',
    description:
      'Changes the fields that are sent. Enabling it again, or another URL, tries at once what has been waiting.',
    origin: '24observe',
    access: writing,
    limit: 'api',
    params,
    body: WebhookSubscriptionUpdate,
    success: { status: 200, description: 'The subscription as it is now.', body: WebhookSubscription },
    errors: ['WEBHOOK_URL_UNSAFE', 'WEBHOOK_URL_UNRESOLVABLE', 'NOT_FOUND'],
    audit: 'UPDATE_WEBHOOK_SUBSCRIPTION',
    etag: true,
    guardedBy: 'get',
    slow: true,
  }),
  delete: operation({
    method: 'delete',
    path: '/api/v1/webhook-subscriptions/{id}',
    summary: 'Delete a webhook subscription',
    description: 'Deletes it with its deliveries, sent or not.',
    origin: '24observe',
    access: writing,
    limit: 'api',
    params,
    success: { status: 204, description: 'Deleted.' },
    errors: ['NOT_FOUND'],
    audit: 'DELETE_WEBHOOK_SUBSCRIPTION',
    guardedBy: 'get',
  }),
  listDeliveries: operation({
    method: 'get',
    path: '/api/v1/webhook-subscriptions/{id}/deliveries',
    summary: 'List the deliveries of a webhook subscription',
    description: 'Newest first, with the exact payloads. They are kept for 30 days.',
    origin: '24observe',
    access: reading,
    limit: 'api',
    params,
    query: z.strictObject({
      limit: queryInteger({ min: 1, max: 50, default: 50 }).openapi({ description: 'How many to answer at most.' }),
      before: queryInteger({ min: 1, max: 9007199254740991 })
        .optional()
        .openapi({ description: 'Only deliveries with a smaller id: the next page.', example: 118 }),
    }),
    success: { status: 200, description: 'Deliveries, newest first.', body: z.array(WebhookDeliveryEntry) },
    errors: ['NOT_FOUND'],
    pagination: { style: 'keyset', parameter: 'before', key: 'id' },
  }),
}
