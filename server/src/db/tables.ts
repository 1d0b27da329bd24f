// Generated from the migrations by `npm run generate:tables`; change those instead.

import type { ColumnType, Generated, GeneratedAlways } from 'kysely'
import type { JsonValue } from './json.ts'

export type { JsonValue }

export type AuditLogsTable = {
  id: GeneratedAlways<number>
  organization_id: number | null
  actor_user_id: number | null
  actor_pat_id: number | null
  actor_email: string | null
  action: string
  resource: string
  meta: ColumnType<JsonValue, string, string>
  created_at: Generated<Date>
}

export type IdempotencyKeysTable = {
  owner: string
  key_hash: ColumnType<Buffer, Uint8Array, Uint8Array>
  fingerprint: ColumnType<Buffer, Uint8Array, Uint8Array>
  status: number
  headers: ColumnType<JsonValue, string, string>
  body: string | null
  created_at: Generated<Date>
}

export type MembershipsTable = {
  organization_id: number
  user_id: number
  role: 'owner' | 'admin' | 'member' | 'viewer'
  joined_at: Generated<Date>
}

export type MigrationsTable = {
  name: string
  checksum: string
  applied_at: Generated<Date>
}

export type OrganizationsTable = {
  id: GeneratedAlways<number>
  uuid: Generated<string>
  name: string
  slug: string
  plan: Generated<'self-hosted' | 'free' | 'startup' | 'pro'>
  created_at: Generated<Date>
}

export type PasswordResetsTable = {
  hash: ColumnType<Buffer, Uint8Array, Uint8Array>
  user_id: number
  expires_at: Date
  used_at: Date | null
  created_at: Generated<Date>
}

export type SessionsTable = {
  id: Generated<string>
  user_id: number
  organization_id: number
  ip: string | null
  user_agent: string | null
  created_at: Generated<Date>
  last_seen_at: Generated<Date>
  expires_at: Date
  revoked_at: Date | null
}

export type TokenUsageTable = {
  token_id: number
  day: string
  mutations: Generated<number>
  log_bytes: Generated<number>
}

export type TokensTable = {
  id: GeneratedAlways<number>
  kind: 'pat'
  organization_id: number
  user_id: number
  name: string
  prefix: string
  hash: ColumnType<Buffer, Uint8Array, Uint8Array>
  scopes: string[]
  daily_mutation_limit: number | null
  daily_log_bytes_limit: number | null
  last_used_at: Date | null
  expires_at: Date | null
  revoked_at: Date | null
  created_at: Generated<Date>
}

export type UsersTable = {
  id: GeneratedAlways<number>
  uuid: Generated<string>
  email: string
  name: string | null
  password_hash: string | null
  email_verified_at: Date | null
  last_login_at: Date | null
  created_at: Generated<Date>
}

export type Tables = {
  audit_logs: AuditLogsTable
  idempotency_keys: IdempotencyKeysTable
  memberships: MembershipsTable
  migrations: MigrationsTable
  organizations: OrganizationsTable
  password_resets: PasswordResetsTable
  sessions: SessionsTable
  token_usage: TokenUsageTable
  tokens: TokensTable
  users: UsersTable
}
