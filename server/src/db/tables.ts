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

export type CheckRollupsDailyTable = {
  organization_id: number
  monitor_id: number
  starts_at: Date
  up: number
  degraded: number
  down: number
  in_maintenance: number
  response_count: number
  response_sum_ms: number
  response_min_ms: number | null
  response_max_ms: number | null
  histogram: number[]
}

export type CheckRollupsHourlyTable = {
  organization_id: number
  monitor_id: number
  starts_at: Date
  up: number
  degraded: number
  down: number
  in_maintenance: number
  response_count: number
  response_sum_ms: number
  response_min_ms: number | null
  response_max_ms: number | null
  histogram: number[]
}

export type ChecksTable = {
  organization_id: number
  monitor_id: number
  id: Generated<number>
  checked_at: Date
  region: string
  status: 'up' | 'degraded' | 'down'
  response_time_ms: number | null
  status_code: number | null
  error_message: string | null
  in_maintenance: Generated<boolean>
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

export type IncidentDeliveriesTable = {
  id: GeneratedAlways<number>
  incident_id: number
  transition: 'opened' | 'resolved'
  channel: string
  status: Generated<'pending' | 'sent' | 'failed' | 'suppressed'>
  attempts: Generated<number>
  error_message: string | null
  created_at: Generated<Date>
  finished_at: Date | null
  due_at: Generated<Date>
  sending_since: Date | null
  recipient: string | null
  grouped_at: Date | null
}

export type IncidentUpdatesTable = {
  id: GeneratedAlways<number>
  incident_id: number
  status: 'investigating' | 'identified' | 'monitoring' | 'resolved'
  body: string
  author_user_id: number | null
  created_at: Generated<Date>
}

export type IncidentsTable = {
  id: GeneratedAlways<number>
  organization_id: number
  monitor_id: number | null
  log_alert_id: number | null
  cause: 'down' | 'degraded' | 'slo' | 'log_alert'
  monitor_name: string
  title: string
  status: Generated<'investigating' | 'identified' | 'monitoring' | 'resolved'>
  severity: 'critical' | 'major' | 'minor' | 'none'
  error_message: string | null
  suppressed_by_id: number | null
  started_at: Date
  acknowledged_at: Date | null
  acknowledged_by_user_id: number | null
  resolved_at: Date | null
  resolved_by_user_id: number | null
  auto_resolved: Generated<boolean>
  postmortem: string | null
  postmortem_published_at: Date | null
  created_at: Generated<Date>
  version: Generated<number>
  alerts_planned_at: Date | null
}

export type MaintenanceWindowMonitorsTable = {
  window_id: number
  monitor_id: number
}

export type MaintenanceWindowsTable = {
  id: GeneratedAlways<number>
  organization_id: number
  title: string
  whole_organization: boolean
  starts_at: Date
  ends_at: Date
  created_by_user_id: number | null
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

export type MonitorDependenciesTable = {
  monitor_id: number
  depends_on_id: number
}

export type MonitorStatesTable = {
  monitor_id: number
  last_status: 'up' | 'degraded' | 'down' | null
  last_checked_at: Date | null
  consecutive_failures: Generated<number>
  heartbeat_last_received_at: Date | null
  slo_breach_open: Generated<boolean>
  next_check_at: Date | null
  claimed_until: Date | null
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

export type RateLimitsTable = {
  key: string
  used: number
  since: Date
  expires_at: Date
  asked: Generated<number>
}

export type RegionAgentsTable = {
  id: GeneratedAlways<number>
  organization_id: number
  region: string
  name: string
  version: string
  key_hash: ColumnType<Buffer, Uint8Array, Uint8Array>
  user_id: number
  token_id: number | null
  session_id: string | null
  started_at: Date
  last_seen_at: Date
}

export type RegionCheckCountsTable = {
  organization_id: number
  starts_at: Date
  checks: number
}

export type RegionChecksTable = {
  monitor_id: number
  region: string
  organization_id: number
  next_check_at: Date | null
  claimed_until: Date | null
  claimed_by: number | null
}

export type RegionResultsTable = {
  monitor_id: number
  region: string
  status: 'up' | 'degraded' | 'down'
  error_message: string | null
  checked_at: Date
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

export type StatusPageComponentsTable = {
  id: GeneratedAlways<number>
  status_page_id: number
  monitor_id: number
  name: string | null
  group_name: string | null
  position: number
}

export type StatusPageMailingsTable = {
  status_page_id: number
  event_id: string
  reached_subscriber_id: Generated<number>
  created_at: Date
}

export type StatusPageSubscribersTable = {
  id: Generated<number>
  status_page_id: number
  email: string
  confirm_hash: ColumnType<Buffer | null, Uint8Array | null, Uint8Array | null>
  confirm_expires_at: Date | null
  confirmed_at: Date | null
  unsubscribe_hash: ColumnType<Buffer, Uint8Array, Uint8Array>
  sealed_unsubscribe_token: string
  created_at: Generated<Date>
}

export type StatusPagesTable = {
  id: GeneratedAlways<number>
  organization_id: number
  version: Generated<number>
  slug: string
  title: string
  description: string | null
  is_public: Generated<boolean>
  custom_domain: string | null
  logo_url: string | null
  accent_color: string | null
  footer_links: ColumnType<JsonValue, string | undefined, string>
  custom_css: string | null
  hide_branding: Generated<boolean>
  ip_allowlist: Generated<string[]>
  password_hash: string | null
  password_changed_at: Date | null
  created_at: Generated<Date>
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
  capped_by: Generated<number[]>
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

export type WebhookDeliveriesTable = {
  id: GeneratedAlways<number>
  subscription_id: number
  event_type: string
  event_id: string
  payload: string
  attempt: Generated<number>
  status: Generated<'pending' | 'delivered' | 'failed' | 'dead'>
  status_code: number | null
  error_message: string | null
  response_excerpt: string | null
  next_attempt_at: Date | null
  delivered_at: Date | null
  created_at: Generated<Date>
  subject: string
  occurred_at: Date
}

export type WebhookQueuesTable = {
  subscription_id: number
  due_at: Date | null
  away_until: Date | null
  claimed_until: Date | null
  lease: Generated<number>
  consecutive_failures: Generated<number>
  last_delivery_at: Date | null
  last_delivery_status: 'pending' | 'delivered' | 'failed' | 'dead' | null
  last_delivery_status_code: number | null
}

export type WebhookSubscriptionsTable = {
  id: GeneratedAlways<number>
  organization_id: number
  version: Generated<number>
  url: string
  event_types: Generated<string[]>
  description: string | null
  enabled: Generated<boolean>
  disabled_at: Date | null
  disabled_reason: string | null
  created_at: Generated<Date>
}

export type Tables = {
  audit_logs: AuditLogsTable
  audit_seals: AuditSealsTable
  audit_unsealed: AuditUnsealedTable
  check_rollups_daily: CheckRollupsDailyTable
  check_rollups_hourly: CheckRollupsHourlyTable
  checks: ChecksTable
  idempotency_keys: IdempotencyKeysTable
  incident_deliveries: IncidentDeliveriesTable
  incident_updates: IncidentUpdatesTable
  incidents: IncidentsTable
  maintenance_window_monitors: MaintenanceWindowMonitorsTable
  maintenance_windows: MaintenanceWindowsTable
  memberships: MembershipsTable
  migrations: MigrationsTable
  monitor_dependencies: MonitorDependenciesTable
  monitor_states: MonitorStatesTable
  monitor_tags: MonitorTagsTable
  monitors: MonitorsTable
  organization_secrets: OrganizationSecretsTable
  organizations: OrganizationsTable
  password_resets: PasswordResetsTable
  rate_limits: RateLimitsTable
  region_agents: RegionAgentsTable
  region_check_counts: RegionCheckCountsTable
  region_checks: RegionChecksTable
  region_results: RegionResultsTable
  sessions: SessionsTable
  status_page_components: StatusPageComponentsTable
  status_page_mailings: StatusPageMailingsTable
  status_page_subscribers: StatusPageSubscribersTable
  status_pages: StatusPagesTable
  token_usage: TokenUsageTable
  tokens: TokensTable
  users: UsersTable
  webhook_deliveries: WebhookDeliveriesTable
  webhook_queues: WebhookQueuesTable
  webhook_subscriptions: WebhookSubscriptionsTable
}
