import { createClient } from '@owlery/client'
import { connect, type Database } from '@owlery/server/db/connect.ts'
import type { Tables } from '@owlery/server/db/tables.ts'
import { listChecks, readRollups, sumChecks, sumRollups } from '@owlery/server/uptime/check-history.store.ts'
import { bucketsOf } from '@owlery/server/uptime/timeline-buckets.ts'
import type { Kysely } from 'kysely'
import { sharedSecrets, startServer } from '../lib/server-process.ts'
import { startPostgres } from '../lib/temporary-postgres.ts'
import { type CheckGround, daysFilled, fillChecks } from './checks-ground.ts'
import { planOf } from './plan-of.ts'
import type { Proof } from './proof.ts'

// Below this many checks whole tables cost less to read than a way to their rows does.
const fewChecks = 10_000_000
const hourMs = 3_600_000
const rollupsOnly = ['a timeline of 90 days', 'the figures of 90 days']

/** A timeline of 90 days never reads a single check, and still counts every one of them. */
export const timelineScale: Proof = {
  summary: 'a timeline of 90 days over 100 million checks is read from rollups alone (--runs: how many checks)',
  short: 100_000,
  async prove(rows = 100_000_000) {
    // What fills the tables may lose its last moments; nothing here is about durability.
    await using postgres = await startPostgres(['synchronous_commit=off', 'max_wal_size=8GB', 'shared_buffers=512MB'])
    return await proveOn(postgres.url, rows)
  },
}

async function proveOn(databaseUrl: string, rows: number): Promise<boolean> {
  const server = await startServer({ env: { DATABASE_URL: databaseUrl, ...sharedSecrets } })
  const database = await connect({ kind: 'postgres', url: databaseUrl, poolSize: 4 })
  // With few checks, reading a table as a whole is made dear, so that it is done only where no index leads to the rows.
  const options = rows < fewChecks ? '?options=-c%20enable_seqscan%3Doff' : ''
  const planner = await connect({ kind: 'postgres', url: databaseUrl + options, poolSize: 1 })
  try {
    const started = performance.now()
    const ground = await fillChecks(database, rows)
    const seconds = ((performance.now() - started) / 1000).toFixed(0)
    console.log(`${ground.rows} checks of ${ground.monitorIds.length} monitors over ${daysFilled} days in ${seconds} s`)
    const planned = await explain(planner, ground)
    const whole = await countsEveryCheck(database, server.url, ground)
    await measure(server.url, ground, rows < fewChecks ? 20 : 200)
    return planned && whole
  } finally {
    await planner.close()
    await database.close()
    server.signal('SIGTERM')
    await server.ended
  }
}

function middleOf<T>(values: readonly T[]): T {
  const value = values[Math.floor(values.length / 2)]
  if (value === undefined) throw new Error('there is nothing')
  return value
}

function buckets(hours: number) {
  const found = bucketsOf({ hours }, new Date())
  if ('fault' in found) throw new Error(found.fault)
  return found
}

/** The plans of the statements that the store itself makes. */
async function explain(database: Database, { organizationId, monitorIds }: CheckGround): Promise<boolean> {
  const owned = { organizationId, monitorId: middleOf(monitorIds) }
  const page = { limit: 100, before: undefined, from: undefined, to: undefined, status: undefined, region: undefined }
  const reads: [name: string, read: (db: Kysely<Tables>) => Promise<unknown>][] = [
    ['a timeline of 90 days', (db) => sumRollups(db, 'daily', owned, buckets(2160))],
    ['a timeline of 12 days', (db) => sumRollups(db, 'hourly', owned, buckets(288))],
    ['a timeline of a day', (db) => sumChecks(db, owned, buckets(24))],
    ['the figures of 90 days', (db) => readRollups(db, owned, new Date(Date.now() - 2160 * hourMs))],
    ['the newest checks', (db) => listChecks(db, owned, page)],
    [
      'a page of checks 45 days ago',
      (db) => listChecks(db, owned, { ...page, before: { microseconds: (Date.now() - 1080 * hourMs) * 1000, id: 1 } }),
    ],
    ['failures', (db) => listChecks(db, owned, { ...page, status: 'down' })],
  ]
  let held = true
  for (const [name, read] of reads) {
    const plan = await planOf(database, read)
    const readsChecks = plan.some((line) => /\bon checks/.test(line))
    const isFine = !plan.some((line) => line.includes('Seq Scan')) && !(rollupsOnly.includes(name) && readsChecks)
    held &&= isFine
    console.log(`\n${name}: ${isFine ? 'as it should be' : 'READS WHAT IT SHOULD NOT'}`)
    for (const line of withoutRepetition(plan)) console.log(`  ${line}`)
  }
  return held
}

const mostPartitionsShown = 2

/** Of the partitions that a plan goes through, the first ones; the others are counted. */
function withoutRepetition(plan: readonly string[]): string[] {
  const lines: string[] = []
  let opened = 0
  let unopened = 0
  let isShown = true
  for (const line of plan) {
    if (/-> .* on checks_\d{8} /.test(line)) {
      if (line.includes('(never executed)')) unopened++
      else opened++
      isShown = opened <= mostPartitionsShown && unopened === 0
    } else if (line.startsWith('Planning')) isShown = true
    if (isShown) lines.push(line)
  }
  return opened + unopened === 0 ? lines : [...lines, `partitions opened: ${opened}, left closed: ${unopened}`]
}

/** What the timeline says of every day, against the checks themselves. */
async function countsEveryCheck(database: Database, url: string, ground: CheckGround): Promise<boolean> {
  const { organizationId, monitorIds, token } = ground
  const { checkHistory } = createClient({ baseUrl: url, token }).uptime
  const monitorId = middleOf(monitorIds)
  const timeline = await checkHistory.timeline(monitorId, { hours: 2160 })
  const { rows } = await database.executeSql(
    `SELECT date_trunc('day', checked_at, 'UTC') AS day, count(*) FILTER (WHERE status = 'up') AS up,
      count(*) FILTER (WHERE status = 'degraded') AS degraded, count(*) FILTER (WHERE status = 'down') AS down
    FROM checks WHERE organization_id = $1 AND monitor_id = $2 GROUP BY 1 ORDER BY 1`,
    [organizationId, monitorId],
  )
  const counted = new Map(
    rows.map(({ day, up, degraded, down }) => [
      day instanceof Date ? day.toISOString() : '',
      { up: Number(up), degraded: Number(degraded), down: Number(down) },
    ]),
  )
  // Midnight may pass while the tables are filled, which is why not every day needs to have been.
  const filled = timeline.buckets.filter(({ status }) => status !== null)
  const agrees =
    filled.length >= daysFilled - 1 &&
    timeline.buckets.every(({ ts, ...bucket }) => {
      const { up, degraded, down } = counted.get(ts) ?? { up: 0, degraded: 0, down: 0 }
      return bucket.up === up && bucket.degraded === degraded && bucket.down === down
    })
  const checks = filled.reduce((sum, { up, degraded, down }) => sum + up + degraded + down, 0)
  console.log(
    `\n${checks} checks of one monitor, day by day: ${agrees ? 'the timeline agrees' : 'THE TIMELINE DIFFERS'}`,
  )
  return agrees
}

async function measure(url: string, { token, monitorIds }: CheckGround, requests: number): Promise<void> {
  const paths = {
    'timeline of 90 days': 'timeline?hours=2160',
    'timeline of 90 days in 8 h': 'timeline?hours=2160&bucketSec=28800',
    'timeline of 12 days': 'timeline?hours=288',
    'timeline of a day': 'timeline',
    'figures of 90 days': 'stats?window=90d',
    '100 checks': 'checks',
    '100 failures': 'checks?status=down',
  }
  console.log(`\n${requests} requests of each kind, of monitors by chance, one after the other`)
  for (const [name, path] of Object.entries(paths)) {
    const times: number[] = []
    for (let index = 0; index < requests * 1.1; index++) {
      const id = monitorIds[Math.floor(Math.random() * monitorIds.length)]
      const before = performance.now()
      const answer = await fetch(`${url}/api/v1/monitors/${id}/${path}`, {
        headers: { authorization: `Bearer ${token}` },
      })
      await answer.arrayBuffer()
      if (!answer.ok) throw new Error(`${name}: ${answer.status}`)
      // The first tenth warms up.
      if (index >= requests * 0.1) times.push(performance.now() - before)
    }
    const sorted = times.toSorted((a, b) => a - b)
    const at = (share: number) => (sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(1).padStart(7)
    console.log(`  ${name.padEnd(28)}p50 ${at(0.5)} ms   p95 ${at(0.95)} ms`)
  }
}
