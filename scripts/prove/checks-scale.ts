import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { connect, type Database } from '@owlery/server/db/connect.ts'
import { migrate } from '@owlery/server/db/migrate.ts'
import { fillMonitors } from '../lib/fill-monitors.ts'
import { type ServerProcess, sharedSecrets, startServer } from '../lib/server-process.ts'
import { startPostgres } from '../lib/temporary-postgres.ts'
import { keepBeats, readPunctuality } from './checks-scale-figures.ts'
import { type Proof, startScript } from './proof.ts'

const workers = 3
const timeoutMs = 10_000
// Slow enough that a process that is killed always has some checks under way.
const targetMs = 200
const leadSec = 10
/** As long as the engine holds what it has claimed. */
const leaseSec = 60
const mostLateMs = 2000
const mostGrowth = 1.15

const mostInShort = 2000
const shortIntervalSec = 2
const mostWaitSec = 60
const waitForOthersSec = 5

/** Three processes share the monitors, one is killed: each monitor is checked on its beat, and never twice. */
export const checksScale: Proof = {
  summary: 'every monitor is checked on time by three workers of which one is killed (50,000 @ 60 s for 5 minutes)',
  short: 300,
  prove: (count = 50_000) => (count <= mostInShort ? proveSharing(count) : proveOnTime({ count, minutes: 5 })),
}

type Ground = { readonly database: Database; readonly servers: readonly ServerProcess[]; readonly port: number }

async function withWorkers<T>(work: (ground: Ground) => Promise<T>): Promise<T> {
  const target = startScript('../bench/checks-target', [String(targetMs)])
  await using postgres = await startPostgres()
  const database = await connect({ kind: 'postgres', url: postgres.url, poolSize: 2 })
  const servers: ServerProcess[] = []
  try {
    await migrate(database)
    const port = Number((await target.line('port ')).slice(5))
    const env = { DATABASE_URL: postgres.url, OUTBOUND_ALLOW: '127.0.0.0/8', ...sharedSecrets }
    const start = async () => servers.push(await startServer({ env, arguments: ['--role', 'worker'] }))
    await Promise.all(Array.from({ length: workers }, start))
    return await work({ database, servers, port })
  } finally {
    for (const server of servers) server.signal('SIGKILL')
    await database.close()
    target.child.kill('SIGTERM')
    await target.ended
  }
}

/** With figures that only mean something on a machine that does nothing else. */
function proveOnTime({ count, minutes }: { readonly count: number; readonly minutes: number }): Promise<boolean> {
  return withWorkers(async ({ database, servers, port }) => {
    const intervalSec = 60
    await fillMonitors(database, { count, port, intervalSec, timeoutMs, spreadSec: intervalSec, leadSec })
    await keepBeats(database)
    await delay(leadSec * 1000)
    const [doomed, ...others] = servers
    const memory: number[][] = others.map(() => [])
    let leftBehind = 0
    for (let minute = 1; minute <= minutes; minute++) {
      await delay(30_000)
      if (minute === Math.ceil(minutes / 2)) {
        doomed?.signal('SIGKILL')
        leftBehind = await countLeftBehind(database)
      }
      await delay(30_000)
      for (const [index, { pid }] of others.entries()) memory[index]?.push(residentMegabytes(pid))
    }
    const codes = await stop(others)
    const lines = memory.map((one) => one.map((megabytes) => megabytes.toFixed(0)).join(' '))
    console.log(`memory by the minute, in MB: ${lines.join('; ')}`)
    // In the first minute, buffers and connections that stay are made.
    const isFlat = memory.every((one) => (one.at(-1) ?? Number.NaN) <= (one[1] ?? Number.NaN) * mostGrowth)
    const { text, monitors, p99Ms, missed, longestGapSec, twice, failed } = await readPunctuality(database, {
      intervalSec,
      slots: minutes,
    })
    console.log(`${text}; ${leftBehind} checks were under way in the one that was killed`)
    const isOnTime = monitors === count && p99Ms <= mostLateMs
    const isEachOnce = twice === 0 && failed === 0
    // What the killed one held is checked when its lease is over, which is in the slot after.
    const isBackInTime = missed <= leftBehind && longestGapSec <= intervalSec + leaseSec + mostLateMs / 1000
    return isFlat && isOnTime && isEachOnce && isBackInTime && codes.every((code) => code === 0)
  })
}

/** What does not depend on the clock, with intervals that only the database allows. */
function proveSharing(count: number): Promise<boolean> {
  return withWorkers(async ({ database, servers, port }) => {
    const intervalSec = shortIntervalSec
    await fillMonitors(database, { count, port, intervalSec, timeoutMs, spreadSec: intervalSec, leadSec: 1 })
    await keepBeats(database)
    const [doomed, ...others] = servers
    await untilAllChecked(database, { count, since: new Date(0) })
    doomed?.signal('SIGKILL')
    await doomed?.ended
    await untilAllChecked(database, { count, since: new Date() })
    const codes = await stop(others)
    const figures = await readPunctuality(database, { intervalSec, slots: 0 })
    console.log(figures.text)
    const isEachOnce = figures.monitors === count && figures.twice === 0 && figures.failed === 0
    return isEachOnce && codes.every((code) => code === 0)
  })
}

/** Nothing that works holds a claim for as long as a few seconds. */
async function countLeftBehind(database: Database): Promise<number> {
  await delay(waitForOthersSec * 1000)
  const { rows } = await database.executeSql(
    `SELECT count(*) AS held FROM monitor_states
    WHERE claimed_until BETWEEN now() AND now() + $1::integer * interval '1 second'`,
    [leaseSec - waitForOthersSec],
  )
  return Number(rows[0]?.['held'])
}

async function untilAllChecked(
  database: Database,
  { count, since }: { readonly count: number; readonly since: Date },
): Promise<void> {
  const end = performance.now() + mostWaitSec * 1000
  for (let checked = 0; checked < count; ) {
    if (performance.now() > end) throw new Error(`${checked} of ${count} monitors were checked in ${mostWaitSec} s`)
    await delay(100)
    // Nobody waits here for the minute that a lease lasts: what is held for a second counts as left behind.
    await database.executeSql(
      `UPDATE monitor_states SET claimed_until = now()
      WHERE claimed_until BETWEEN now() AND now() + $1::integer * interval '1 second'`,
      [leaseSec - 1],
    )
    const { rows } = await database.executeSql(
      'SELECT count(*) AS checked FROM monitor_states WHERE last_checked_at > $1',
      [since],
    )
    checked = Number(rows[0]?.['checked'])
  }
}

function stop(servers: readonly ServerProcess[]): Promise<(number | null)[]> {
  for (const server of servers) server.signal('SIGTERM')
  return Promise.all(servers.map(({ ended }) => ended))
}

function residentMegabytes(pid: number): number {
  const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kilobytes) / 1024
}
