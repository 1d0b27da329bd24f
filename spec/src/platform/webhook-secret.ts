import { operation } from '../operation.ts'
import { caller } from '../policy.ts'
import { timestamp, z } from '../primitives.ts'

const signing = {
  secret: z.string().openapi({ description: '64 hexadecimal digits. The text itself is the key.' }),
  algorithm: z.enum(['HMAC-SHA256']),
  signatureHeader: z.string().openapi({ description: 'Carries `t=<unix seconds>,v1=<hex>`.' }),
  timestampHeader: z.string(),
  toleranceSec: z.int().openapi({ description: 'How old a signature may be before a receiver should refuse it.' }),
}

const example = {
  secret: 'b3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  algorithm: 'HMAC-SHA256',
  signatureHeader: 'X-24Observe-Signature',
  timestampHeader: 'X-24Observe-Timestamp',
  toleranceSec: 300,
}

const WebhookSecret = z.object(signing).openapi('WebhookSecret', {
  description: 'What signs every webhook of the organization: HMAC of `<timestamp>.<raw body>`.',
  example,
})

const WebhookSecretRotated = z.object({ ...signing, rotatedAt: timestamp }).openapi('WebhookSecretRotated', {
  description: 'The new secret. The old one signs nothing any more.',
  example: { ...example, rotatedAt: '2026-05-13T18:00:00.000Z' },
})

export const webhookSecret = {
  get: operation({
    method: 'get',
    path: '/api/v1/me/webhook-secret',
    summary: 'Read the webhook secret',
    description: 'The secret that signs the organization’s webhooks. Every read is audited.',
    origin: '24observe',
    access: caller({ scope: 'secrets:read', role: 'admin' }),
    limit: 'api',
    success: { status: 200, description: 'The secret and how it signs.', body: WebhookSecret },
    errors: [],
    audit: 'READ_WEBHOOK_SECRET',
    secretReply: true,
  }),
  rotate: operation({
    method: 'post',
    path: '/api/v1/me/webhook-secret/rotate',
    summary: 'Replace the webhook secret',
    description: 'Makes a new secret; the old one stops signing at once, so update receivers with the answer.',
    origin: '24observe',
    access: caller({ scope: '*', role: 'admin' }),
    limit: 'api',
    success: { status: 200, description: 'The new secret and how it signs.', body: WebhookSecretRotated },
    errors: [],
    audit: 'ROTATE_WEBHOOK_SECRET',
    secretReply: true,
  }),
}
