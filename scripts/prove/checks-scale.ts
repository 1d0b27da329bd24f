import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { connect, type Database } from '@owlery/server/db/connect.ts'
import { migrate } from '@owlery/server/db/migrate.ts'
import { fillMonitors } from '../lib/fill-monitors.ts'
import { type ServerProcess, sharedSecrets, startServer } from '../lib/server-process.ts'
import { startPostgres } from '../lib/temporary-postgres.ts'
import { type Proof, startScript } from './proof.ts'

const fewMonitors = 2000
const leaseSec = 60
const mostLateMs = 2000

/** Three processes share the monitors, one is killed: each monitor is checked on its beat, and never twice. */
export const checksScale: Proof = {
  summary: 'every monitor is checked on time by three processes of which one dies (50,000 @ 60 s for 5 minutes)',
  async prove(count = 50_000) {
    const isShort = count <= fewMonitors
    const [intervalSec, seconds] = isShort ? [5, 20] : [60, 300]
    const target = startScript('../bench/checks-target', [])
    const postgres = await startPostgres()
    const database = await connect({ kind: 'postgres', url: postgres.url, poolSize: 2 })
    const servers: ServerProcess[] = []
    try {
      await migrate(database)
      const port = Number((await target.line('port ')).slice(5))
      const env = { DATABASE_URL: postgres.url, OUTBOUND_ALLOW: '127.0.0.0/8', ...sharedSecrets }
      for (let index = 0; index < 3; index++) servers.push(await startServer({ env }))
      await fillMonitors(database, { count, port, intervalSec, timeoutMs: 10_000, spreadSec: intervalSec })
      const [doomed, ...others] = servers
      await delay(seconds * 400)
      doomed?.signal('SIGKILL')
      await delay(seconds * 600)
      const megabytes = others.map(({ pid }) => residentMegabytes(pid))
      console.log(`memory of the other two: ${megabytes.map((one) => `${one.toFixed(0)} MB`).join(', ')}`)
      for (const server of others) server.signal('SIGTERM')
      const codes = await Promise.all(others.map(({ ended }) => ended))
      const [claimed] = (
        await database.executeSql('SELECT count(*) AS left FROM monitor_states WHERE claimed_until > now()')
      ).rows
      console.log(`${String(claimed?.['left'])} claims left behind by the killed one, exit codes ${codes.join(', ')}`)
      return (await judge(database, { count, intervalSec, seconds })) && codes.every((code) => code === 0)
    } finally {
      for (const server of servers) server.signal('SIGKILL')
      await database.close()
      target.child.kill('SIGTERM')
      await target.ended
      await postgres.stop()
    }
  },
}

type Course = { readonly count: number; readonly intervalSec: number; readonly seconds: number }

/** The first due time of a monitor is its beat: slots are whole intervals away from it, as long as nothing drifts. */
async function judge(database: Database, { count, intervalSec, seconds }: Course): Promise<boolean> {
  const { rows } = await database.executeSql(
    `WITH placed AS (
      SELECT checks.monitor_id, checked_at, status,
        extract(epoch FROM checked_at - state.next_check_at)::float8 AS offset_sec
      FROM checks JOIN monitor_states AS state ON state.monitor_id = checks.monitor_id
    ), slotted AS (
      SELECT monitor_id, checked_at, status, floor(offset_sec / $1) AS slot,
        1000 * (offset_sec - $1 * floor(offset_sec / $1)) AS late_ms,
        extract(epoch FROM checked_at - lag(checked_at) OVER (PARTITION BY monitor_id ORDER BY checked_at)) AS gap_sec
      FROM placed
    )
    SELECT count(*) AS checks, count(DISTINCT monitor_id) AS monitors, count(*) - count(DISTINCT (monitor_id, slot)) AS twice,
      count(*) FILTER (WHERE status <> 'up') AS failed,
      percentile_cont(0.5) WITHIN GROUP (ORDER BY late_ms) AS median,
      percentile_cont(0.99) WITHIN GROUP (ORDER BY late_ms) AS p99,
      max(gap_sec)::float8 AS longest
    FROM slotted`,
    [intervalSec],
  )
  const figure = (name: string) => Number(rows[0]?.[name])
  const longestAllowed = intervalSec + leaseSec + mostLateMs / 1000
  console.log(
    `${figure('checks')} checks of ${figure('monitors')} monitors (${(figure('checks') / seconds).toFixed(0)}/s): ` +
      `late by ${figure('median').toFixed(0)} ms (median), ${figure('p99').toFixed(0)} ms (p99); ` +
      `${figure('twice')} checked twice in a slot, longest gap ${figure('longest').toFixed(1)} s, ${figure('failed')} failed`,
  )
  const expected = (count * seconds) / intervalSec
  return (
    figure('monitors') === count &&
    figure('checks') > expected * 0.9 &&
    figure('twice') === 0 &&
    figure('failed') === 0 &&
    figure('p99') <= mostLateMs &&
    figure('longest') <= longestAllowed
  )
}

function residentMegabytes(pid: number): number {
  const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kilobytes) / 1024
}
