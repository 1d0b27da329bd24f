import type { contract } from '@owlery/spec'
import type { Handlers } from '../http/bind.ts'
import { replaceWebhookSecret, webhookSecretOf } from './webhook-secret.store.ts'

/** What a receiver needs to check a signature; the words are part of the published contract. */
const signing = {
  algorithm: 'HMAC-SHA256',
  signatureHeader: 'X-24Observe-Signature',
  timestampHeader: 'X-24Observe-Timestamp',
  toleranceSec: 300,
} as const

export const webhookSecret: Handlers<typeof contract.platform.webhookSecret> = {
  async get(_input, { db, actor, services, audit }) {
    const secret = await webhookSecretOf(db, services.secrets, actor.organizationId)
    await audit({ resource: `organization:${actor.organizationId}` })
    return { secret, ...signing }
  },

  async rotate(_input, { db, actor, services, now, audit }) {
    const secret = await replaceWebhookSecret(db, services.secrets, actor.organizationId)
    await audit({ resource: `organization:${actor.organizationId}` })
    return { secret, ...signing, rotatedAt: now.toISOString() }
  },
}
