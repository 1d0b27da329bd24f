import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { connect, type Database } from '@owlery/server/db/connect.ts'
import { migrate } from '@owlery/server/db/migrate.ts'
import { fillMonitors } from '../lib/fill-monitors.ts'
import { type ServerProcess, sharedSecrets, startServer } from '../lib/server-process.ts'
import { startPostgres } from '../lib/temporary-postgres.ts'
import { type Proof, startScript } from './proof.ts'

const count = 300
const intervalSec = 5
// Long enough that checks are under way whenever something stops, and shorter than any of the pauses.
const targetMs = 400
const timeoutMs = 1000
const settleSec = 12

/** Targets that are fine all the time are never reported down, whatever happens to the service itself. */
export const falseAlarms: Proof = {
  summary: 'no incident while the database, the process or both stand still (60 seconds each)',
  async prove(seconds = 60) {
    const target = startScript('../bench/checks-target', [String(targetMs)])
    const postgres = await startPostgres()
    const database = await connect({ kind: 'postgres', url: postgres.url, poolSize: 2 })
    let server: ServerProcess | undefined
    try {
      await migrate(database)
      const port = Number((await target.line('port ')).slice(5))
      const env = { DATABASE_URL: postgres.url, OUTBOUND_ALLOW: '127.0.0.0/8', LOG_LEVEL: 'warn', ...sharedSecrets }
      server = await startServer({ env })
      const { pid } = server
      await fillMonitors(database, { count, port, intervalSec, timeoutMs, spreadSec: intervalSec })
      await delay(intervalSec * 2000)
      let held = true
      const trials: [name: string, pids: () => readonly number[]][] = [
        ['database', () => [postgres.pid, ...childrenOf(postgres.pid)]],
        ['process', () => [pid]],
        ['both', () => [pid, postgres.pid, ...childrenOf(postgres.pid)]],
      ]
      for (const [name, pids] of trials) {
        const before = await figuresOf(database)
        await standStill(pids(), seconds)
        await delay(settleSec * 1000)
        const after = await figuresOf(database)
        const recovered = after.checks - before.checks
        // All of them have been checked again since.
        held &&= after.incidents === 0 && after.down === 0 && recovered >= count * (settleSec / intervalSec - 1)
        console.log(
          `${name} stood still for ${seconds} s: ${after.incidents} incidents, ${after.down} checks down, ` +
            `${recovered} checks up in the ${settleSec} s since`,
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
      await postgres.stop()
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

async function figuresOf(database: Database) {
  const { rows } = await database.executeSql(
    `SELECT (SELECT count(*) FROM incidents) AS incidents, (SELECT count(*) FROM checks WHERE status = 'down') AS down,
      (SELECT count(*) FROM checks WHERE status = 'up') AS checks`,
  )
  const [row] = rows
  return { incidents: Number(row?.['incidents']), down: Number(row?.['down']), checks: Number(row?.['checks']) }
}
