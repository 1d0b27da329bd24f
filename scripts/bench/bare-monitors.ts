import { createHash } from 'node:crypto'
import type { Hono } from 'hono'
import type { Pool, PoolClient } from 'pg'

/** Monitors by hand: the statements that the service runs, and nothing around them. */

const columns = `monitors.id, monitors.organization_id, version, name, url, type, interval_sec, timeout_ms,
  expected_status_code, degraded_response_time_ms, port, keyword, keyword_match_type, heartbeat_grace_sec,
  alert_threshold, alert_on_degraded, alert_email, tags, regions, uptime_target_bp, uptime_window_days, paused,
  created_at, last_status, last_checked_at, consecutive_failures, heartbeat_last_received_at, slo_breach_open,
  ARRAY(SELECT depends_on_id FROM monitor_dependencies WHERE monitor_id = monitors.id ORDER BY 1) AS depends_on,
  sealed_headers IS NOT NULL AS has_headers, sealed_alert_webhook_url IS NOT NULL AS has_webhook,
  sealed_alert_slack_url IS NOT NULL AS has_slack, sealed_alert_discord_url IS NOT NULL AS has_discord,
  sealed_alert_msteams_url IS NOT NULL AS has_msteams, sealed_alert_telegram_bot_token IS NOT NULL AS has_bot_token,
  sealed_alert_telegram_chat_id IS NOT NULL AS has_chat_id,
  sealed_alert_pagerduty_routing_key IS NOT NULL AS has_pagerduty,
  sealed_alert_opsgenie_api_key IS NOT NULL AS has_opsgenie`
const joined = 'monitors INNER JOIN monitor_states ON monitor_states.monitor_id = monitors.id'
const byIds = `SELECT ${columns} FROM ${joined} WHERE monitors.organization_id = $1 AND monitors.id IN ($2)`
const page = `SELECT ${columns} FROM ${joined} INNER JOIN (
    SELECT id FROM monitors WHERE organization_id = $1 ORDER BY id + 0 DESC LIMIT $2 OFFSET 0
  ) AS page ON page.id = monitors.id WHERE monitors.organization_id = $1 ORDER BY monitors.id DESC`
const storedReply = `SELECT fingerprint, status, headers, body FROM idempotency_keys
  WHERE owner = $1 AND key_hash = $2 AND created_at > $3`
const planOf = 'SELECT plan FROM organizations WHERE id = $1'

type Row = { readonly [column: string]: unknown }

function toMonitor(row: Row) {
  return {
    id: row.id,
    organizationId: row.organization_id,
    name: row.name,
    url: row.url,
    type: row.type,
    intervalSec: row.interval_sec,
    timeoutMs: row.timeout_ms,
    expectedStatusCode: row.expected_status_code,
    degradedResponseTimeMs: row.degraded_response_time_ms,
    port: row.port,
    keyword: row.keyword,
    keywordMatchType: row.keyword_match_type,
    alertEmail: row.alert_email,
    alertThreshold: row.alert_threshold,
    alertOnDegraded: row.alert_on_degraded,
    consecutiveFailures: row.consecutive_failures,
    lastStatus: row.last_status,
    lastCheckedAt: row.last_checked_at,
    paused: row.paused,
    heartbeatGraceSec: row.heartbeat_grace_sec,
    heartbeatLastReceivedAt: row.heartbeat_last_received_at,
    uptimeTargetBp: row.uptime_target_bp,
    uptimeWindowDays: row.uptime_window_days,
    sloBreachOpen: row.slo_breach_open,
    createdAt: row.created_at,
    tags: row.tags,
    regions: row.regions,
    dependsOn: row.depends_on,
    hasAlertWebhook: row.has_webhook,
    hasAlertSlack: row.has_slack,
    hasHeaders: row.has_headers,
  }
}

export function addBareMonitors(app: Hono, pool: Pool): void {
  app.get('/api/v1/monitors/:id', async (c) => {
    const { rows } = await pool.query(byIds, [1, Number(c.req.param('id'))])
    return c.json(toMonitor(rows[0]))
  })
  app.get('/api/v1/monitors', async (c) => {
    const { rows } = await pool.query(page, [1, Number(c.req.query('limit'))])
    return c.json(rows.map(toMonitor))
  })
  app.post('/api/v1/monitors', async (c) => {
    const body = await c.req.json()
    const keyHash = createHash('sha256')
      .update(String(c.req.header('idempotency-key')))
      .digest()
    const since = new Date(Date.now() - 86_400_000)
    await pool.query(storedReply, ['token:1', keyHash, since])
    await pool.query(planOf, [1])
    const ids = await pool.query("SELECT nextval(pg_get_serial_sequence('monitors', 'id'))::integer AS id")
    const client = await pool.connect()
    try {
      return c.json(await create(client, ids.rows[0].id, body, keyHash, since), 201)
    } finally {
      client.release()
    }
  })
}

type Body = { readonly name: string; readonly url: string; readonly type: string; readonly intervalSec: number }

async function create(client: PoolClient, id: number, body: Body, keyHash: Buffer, since: Date) {
  await client.query('START TRANSACTION ISOLATION LEVEL READ COMMITTED')
  await client.query('SELECT pg_try_advisory_xact_lock($1::bigint) AS free', [keyHash.readBigInt64BE().toString()])
  await client.query(storedReply, ['token:1', keyHash, since])
  await client.query('SAVEPOINT work')
  await client.query(planOf, [1])
  await client.query(
    `INSERT INTO monitors (id, organization_id, name, url, type, interval_sec, timeout_ms, keyword_match_type,
      heartbeat_grace_sec, alert_threshold, alert_on_degraded, tags, regions, uptime_target_bp, uptime_window_days,
      paused, created_at)
     VALUES ($1, 1, $2, $3, $4, $5, 10000, 'contains', 60, 1, false, '{}', '{local}', 999, 30, false, $6)
     ON CONFLICT (organization_id, name) DO NOTHING RETURNING id`,
    [id, body.name, body.url, body.type, body.intervalSec, new Date()],
  )
  await client.query('INSERT INTO monitor_states (monitor_id, next_check_at) VALUES ($1, $2)', [id, new Date()])
  const { rows } = await client.query(byIds, [1, id])
  const monitor = toMonitor(rows[0])
  await client.query(
    `INSERT INTO audit_logs (organization_id, actor_user_id, actor_pat_id, actor_email, action, resource, meta)
     VALUES (1, 1, 1, 'owner@localhost.localdomain', 'CREATE_MONITOR', $1, $2)`,
    [`monitor:${id}`, JSON.stringify({ name: body.name, url: body.url, type: body.type })],
  )
  await client.query(
    `INSERT INTO idempotency_keys (owner, key_hash, fingerprint, status, headers, body, created_at)
     VALUES ('token:1', $1, $1, 201, '{}', $2, $3)
     ON CONFLICT (owner, key_hash) DO UPDATE SET body = excluded.body`,
    [keyHash, JSON.stringify(monitor), new Date()],
  )
  await client.query('COMMIT')
  return monitor
}
