import { auditLogs } from './audit-logs.ts'
import { auth } from './auth.ts'
import { docs } from './docs.ts'
import { health } from './health.ts'
import { me } from './me.ts'
import { members } from './members.ts'
import { tokens } from './tokens.ts'
import { toolCatalogues } from './tool-catalogues.ts'
import { webhookSecret } from './webhook-secret.ts'

export const platform = { auth, me, members, webhookSecret, tokens, auditLogs, health, docs, toolCatalogues }

export const platformTags = {
  auth: { name: 'Sign-in', description: 'Accounts, passwords and sessions.' },
  me: { name: 'Me', description: 'The caller, as the service sees them.' },
  members: { name: 'Members', description: 'Who belongs to the organization, and as what.' },
  webhookSecret: { name: 'Webhook secret', description: 'The secret that signs what the service sends.' },
  tokens: { name: 'Tokens', description: 'Personal access tokens: scoped, capped, revocable.' },
  auditLogs: { name: 'Audit log', description: 'Who did what: append-only, sealed, verifiable.' },
  health: { name: 'Operation', description: 'Health, metrics and version.' },
  docs: { name: 'Documentation', description: 'The contract itself, as a document and as pages.' },
  toolCatalogues: { name: 'Tools', description: 'The contract as tools for agents, generated from the document.' },
} satisfies Record<keyof typeof platform, { name: string; description: string }>
