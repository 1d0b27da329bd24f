import { readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { connect, type Database } from '@owlery/server/db/connect.ts'
import { bootstrapToken, type ServerProcess, sharedSecrets, startServer } from '../lib/server-process.ts'
import { startPostgres } from '../lib/temporary-postgres.ts'
import { writeAuditRows } from './audit-rows.ts'
import type { Proof } from './proof.ts'

// Half of what is downloaded, so that it cannot be done by keeping it. Without a limit the engine collects late.
const heapMiB = 100

/** A download of the whole audit log, by a reader that takes it all and by one that goes away. */
export const auditExport: Proof = {
  summary: 'an audit log of 1,000,000 rows is downloaded with a heap of 100 MiB (--runs: how many rows)',
  async prove(count = 1_000_000) {
    await using postgres = await startPostgres()
    const database = await connect({ kind: 'postgres', url: postgres.url, poolSize: 2 })
    const env = {
      DATABASE_URL: postgres.url,
      ...sharedSecrets,
      OWLERY_BOOTSTRAP_TOKEN: bootstrapToken,
      NODE_OPTIONS: `--max-old-space-size=${heapMiB}`,
    }
    const server = await startServer({ env })
    try {
      const [organization] = (await database.executeSql('SELECT id FROM organizations')).rows
      await writeAuditRows(database.db, Number(organization?.id), count)
      return (await downloadAll(server, count)) && (await leaveEarly(server, database, count))
    } finally {
      server.signal('SIGTERM')
      await server.ended
      await database.close()
    }
  },
}

function download(server: ServerProcess, signal?: AbortSignal): Promise<Response> {
  return fetch(`${server.url}/api/v1/audit-logs?format=csv`, {
    headers: { authorization: `Bearer ${bootstrapToken}` },
    ...(signal !== undefined && { signal }),
  })
}

async function downloadAll(server: ServerProcess, count: number): Promise<boolean> {
  const before = residentMiB(server.pid)
  let most = before
  let lines = 0
  let bytes = 0
  const started = performance.now()
  const response = await download(server)
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length
    for (const byte of chunk) if (byte === 10) lines += 1
    most = Math.max(most, residentMiB(server.pid))
  }
  const seconds = (performance.now() - started) / 1000
  const mebibytes = Math.round(bytes / 1024 / 1024)
  console.log(`${lines} lines, ${mebibytes} MiB in ${seconds.toFixed(1)} s: ${Math.round(lines / seconds)} rows/s`)
  console.log(`memory of the server: ${Math.round(before)} MiB before, at most ${Math.round(most)} MiB meanwhile`)
  // The heading, and the rows of the first start and of this download itself.
  return response.ok && lines === count + 3
}

async function leaveEarly(server: ServerProcess, database: Database, count: number): Promise<boolean> {
  const before = await rowsRead(database)
  const leaving = new AbortController()
  const response = await download(server, leaving.signal)
  await response.body?.getReader().read()
  leaving.abort()
  // The server of the database publishes its counters after a second.
  await setTimeout(3000)
  const read = (await rowsRead(database)) - before
  console.log(`a reader that left after the first bytes: ${read} of ${count} rows were read for it`)
  return response.ok && read < count / 10
}

async function rowsRead(database: Database): Promise<number> {
  const { rows } = await database.executeSql(
    `SELECT coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) AS count FROM pg_stat_user_tables WHERE relname = 'audit_logs'`,
  )
  return Number(rows[0]?.count)
}

function residentMiB(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
}
