import { createHash, randomBytes } from 'node:crypto'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { Pool } from 'pg'
import { addBareMonitors } from './bare-monitors.ts'

/**
 * The floor that the pipeline is measured against: Hono and pg with the same SQL, and nothing that makes it a service
 * (no credentials, no validation, no limits, no log).
 */
const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 10 })
const app = new Hono()

app.get('/health/live', (c) => c.json({ status: 'ok' }))

app.get('/api/v1/me/tokens', async (c) => {
  const { rows } = await pool.query(
    `SELECT id, name, prefix, scopes, daily_mutation_limit, daily_log_bytes_limit, last_used_at, expires_at, revoked_at,
      created_at FROM tokens WHERE organization_id = $1 AND user_id = $2 ORDER BY id DESC LIMIT $3`,
    [1, 1, Number(c.req.query('limit') ?? 100)],
  )
  return c.json(
    rows.map((row) => ({
      id: row.id,
      name: row.name,
      prefix: row.prefix,
      scopes: row.scopes,
      dailyMutationLimit: row.daily_mutation_limit,
      dailyLogBytesLimit: row.daily_log_bytes_limit,
      lastUsedAt: row.last_used_at,
      expiresAt: row.expires_at,
      revokedAt: row.revoked_at,
      createdAt: row.created_at,
    })),
  )
})

app.post('/api/v1/me/tokens', async (c) => {
  const body = await c.req.json()
  const token = `obs_${randomBytes(32).toString('base64url')}`
  const hash = createHash('sha256').update(token).digest()
  const client = await pool.connect()
  try {
    await client.query('BEGIN')
    const { rows } = await client.query(
      `INSERT INTO tokens (kind, organization_id, user_id, name, prefix, hash, scopes, daily_mutation_limit,
        daily_log_bytes_limit, expires_at, created_at)
       VALUES ('pat', $1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id, created_at`,
      [1, 1, body.name, token.slice(0, 12), hash, ['*'], null, null, null, new Date()],
    )
    const row = rows[0]
    await client.query(
      `INSERT INTO audit_logs (organization_id, actor_user_id, actor_pat_id, actor_email, action, resource, meta)
       VALUES ($1, $2, $3, $4, $5, $6, $7)`,
      [1, 1, 1, 'owner@localhost.localdomain', 'CREATE_TOKEN', `token:${row.id}`, JSON.stringify({ name: body.name })],
    )
    await client.query('COMMIT')
    return c.json(
      { id: row.id, name: body.name, prefix: token.slice(0, 12), token, expiresAt: null, createdAt: row.created_at },
      201,
    )
  } finally {
    client.release()
  }
})

addBareMonitors(app, pool)

serve({ fetch: app.fetch, port: Number(process.env.PORT), hostname: '127.0.0.1' })
