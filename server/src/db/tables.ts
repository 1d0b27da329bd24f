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

export type AuditSealsTable = {
  chain: number
  position: number
  audit_log_id: number
  hash: ColumnType<Buffer, Uint8Array, Uint8Array>
  sealed_at: Generated<Date>
}

export type AuditUnsealedTable = {
  audit_log_id: number
  chain: number
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

export type MonitorStatesTable = {
  monitor_id: number
  last_status: 'up' | 'degraded' | 'down' | null
  last_checked_at: Date | null
  consecutive_failures: Generated<number>
  heartbeat_last_received_at: Date | null
  slo_breach_open: Generated<boolean>
  next_check_at: Date | null
}

export type MonitorTagsTable = {
  organization_id: number
  tag: string
  monitor_id: number
}

export type MonitorsTable = {
  id: Generated<number>
  organization_id: number
  version: Generated<number>
  name: string
  url: string
  type: 'http' | 'https' | 'tcp' | 'ping' | 'port' | 'ssl' | 'keyword' | 'heartbeat' | 'dns' | 'smtp'
  interval_sec: number
  timeout_ms: number
  expected_status_code: number | null
  degraded_response_time_ms: number | null
  port: number | null
  keyword: string | null
  keyword_match_type: 'contains' | 'not_contains'
  heartbeat_grace_sec: number
  alert_threshold: number
  alert_on_degraded: boolean
  alert_email: string | null
  tags: string[]
  regions: string[]
  uptime_target_bp: number
  uptime_window_days: number
  paused: boolean
  sealed_headers: string | null
  sealed_alert_webhook_url: string | null
  sealed_alert_slack_url: string | null
  sealed_alert_discord_url: string | null
  sealed_alert_msteams_url: string | null
  sealed_alert_telegram_bot_token: string | null
  sealed_alert_telegram_chat_id: string | null
  sealed_alert_pagerduty_routing_key: string | null
  sealed_alert_opsgenie_api_key: string | null
  sealed_heartbeat_token: string | null
  heartbeat_token_hash: ColumnType<Buffer | null, Uint8Array | null, Uint8Array | null>
  created_at: Generated<Date>
}

export type OrganizationSecretsTable = {
  organization_id: number
  sealed_webhook_secret: string
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
  audit_seals: AuditSealsTable
  audit_unsealed: AuditUnsealedTable
  idempotency_keys: IdempotencyKeysTable
  memberships: MembershipsTable
  migrations: MigrationsTable
  monitor_states: MonitorStatesTable
  monitor_tags: MonitorTagsTable
  monitors: MonitorsTable
  organization_secrets: OrganizationSecretsTable
  organizations: OrganizationsTable
  password_resets: PasswordResetsTable
  sessions: SessionsTable
  token_usage: TokenUsageTable
  tokens: TokensTable
  users: UsersTable
}
