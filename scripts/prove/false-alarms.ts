import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { connect, type Database } from '@owlery/server/db/connect.ts'
import { migrate } from '@owlery/server/db/migrate.ts'
import { fillMonitors } from '../lib/fill-monitors.ts'
import { type ServerProcess, sharedSecrets, startServer } from '../lib/server-process.ts'
import { startPostgres } from '../lib/temporary-postgres.ts'
import { type Proof, startScript } from './proof.ts'

type Course = {
  readonly count: number
  readonly intervalSec: number
  /** Long enough that checks are under way whenever something stops, as some are that take as long. */
  readonly targetMs: number
  /** Shorter than any of the pauses: whatever is under way would be late. */
  readonly timeoutMs: number
}

const longCourse: Course = { count: 300, intervalSec: 5, targetMs: 400, timeoutMs: 1000 }
// A target that is slow because the machine is must not be taken for one that fails, so it has more time.
const shortCourse: Course = { count: 100, intervalSec: 1, targetMs: 200, timeoutMs: 1500 }
const shortSec = 2
const mostWaitSec = 60

/** Targets that are fine all the time are never reported down, whatever happens to the service itself. */
export const falseAlarms: Proof = {
  summary: 'no incident while the database, the process or both stand still (60 seconds each)',
  short: shortSec,
  async prove(seconds = 60) {
    const isShort = seconds <= shortSec
    const { count, intervalSec, targetMs, timeoutMs } = isShort ? shortCourse : longCourse
    const target = startScript('../bench/checks-target', [String(targetMs)])
    await using postgres = await startPostgres()
    const database = await connect({ kind: 'postgres', url: postgres.url, poolSize: 2 })
    let server: ServerProcess | undefined
    try {
      await migrate(database)
      const port = Number((await target.line('port ')).slice(5))
      const env = { DATABASE_URL: postgres.url, OUTBOUND_ALLOW: '127.0.0.0/8', LOG_LEVEL: 'warn', ...sharedSecrets }
      server = await startServer({ env })
      const { pid } = server
      await fillMonitors(database, { count, port, intervalSec, timeoutMs, spreadSec: intervalSec })
      await untilAllChecked(database, new Date(0))
      let held = true
      const trials: [name: string, pids: () => readonly number[]][] = [
        ['database', () => [postgres.pid, ...childrenOf(postgres.pid)]],
        ['process', () => [pid]],
        ['both', () => [pid, postgres.pid, ...childrenOf(postgres.pid)]],
      ]
      // Both at once is what each of them does, and takes its time.
      for (const [name, pids] of isShort ? trials.slice(0, 2) : trials) {
        await standStill(pids(), seconds)
        const resumedAt = performance.now()
        await untilAllChecked(database, new Date())
        const settled = (performance.now() - resumedAt) / 1000
        const { incidents, down, up } = await figuresOf(database)
        held &&= incidents === 0 && down === 0
        console.log(
          `${name} stood still for ${seconds} s: ${incidents} incidents, ${down} checks down, ${up} up so far; ` +
            `all were checked again within ${settled.toFixed(1)} s`,
        )
      }
      const notices = server
        .output()
        .split('\n')
        .filter((line) => line.includes('the database is away')).length
      console.log(`${notices} notices of a database that was away`)
      return held && notices <= trials.length
    } finally {
      server?.signal('SIGKILL')
      await database.close()
      target.child.kill('SIGTERM')
      await target.ended
    }
  },
}

async function standStill(pids: readonly number[], seconds: number): Promise<void> {
  // Whoever started one as another user stops along with it, but does not go on by himself.
  const stopped = [...pids, ...pids.map(parentOf)]
  for (const pid of pids) process.kill(pid, 'SIGSTOP')
  try {
    await delay(seconds * 1000)
  } finally {
    for (const pid of stopped) process.kill(pid, 'SIGCONT')
  }
}

function parentOf(pid: number): number {
  return Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
}

/** A cluster is one process per connection, below the one that was started. */
function childrenOf(parent: number): number[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    try {
      return parentOf(Number(name)) === parent ? [Number(name)] : []
    } catch {
      // It has ended since the list was read.
      return []
    }
  })
}

async function untilAllChecked(database: Database, since: Date): Promise<void> {
  const end = performance.now() + mostWaitSec * 1000
  for (;;) {
    const { rows } = await database.executeSql(
      'SELECT count(*) AS missing FROM monitor_states WHERE last_checked_at IS NULL OR last_checked_at <= $1',
      [since],
    )
    const missing = Number(rows[0]?.['missing'])
    if (missing === 0) return
    if (performance.now() > end) throw new Error(`${missing} monitors were not checked within ${mostWaitSec} s`)
    await delay(100)
  }
}

async function figuresOf(database: Database) {
  const { rows } = await database.executeSql(
    `SELECT (SELECT count(*) FROM incidents) AS incidents, (SELECT count(*) FROM checks WHERE status = 'down') AS down,
      (SELECT count(*) FROM checks WHERE status = 'up') AS up`,
  )
  const [row] = rows
  return { incidents: Number(row?.['incidents']), down: Number(row?.['down']), up: Number(row?.['up']) }
}
