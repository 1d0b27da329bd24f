import { statfsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { PGlite } from '@electric-sql/pglite'
import { Kysely } from 'kysely'
import type { Database, PgliteTarget } from './connect.ts'
import { openCluster, openInMemory } from './pglite-cluster.ts'
import { PgliteDialect } from './pglite-dialect.ts'
import { Engine } from './pglite-engine.ts'
import { vacuumTables } from './pglite-maintenance.ts'
import { Session } from './pglite-session.ts'
import type { Tables } from './tables.ts'
import { DatabaseUnavailable } from './unavailable.ts'
import { within } from './within.ts'
import { WriteAheadLog } from './write-ahead-log.ts'

export type EmbeddedDatabase = Database & {
  /** A copy of the whole database as it stands, for a target's `snapshot`. */
  snapshot(): Promise<Blob>
}

export async function openPglite({ dataDir, snapshot }: PgliteTarget): Promise<EmbeddedDatabase> {
  const log = new WriteAheadLog()
  const engine = new Engine(await openEngine(log, dataDir, snapshot), log, () => isNearlyFull(dataDir))
  const db = new Kysely<Tables>({ dialect: new PgliteDialect(engine) })

  async function executeSql(text: string, values: readonly unknown[] = []) {
    const session = new Session(engine)
    try {
      // Without values the simple protocol takes it, which allows several statements.
      const { rows } = await session.execute(text, values.length === 0 ? undefined : values)
      return { rows }
    } finally {
      await session.end()
    }
  }

  return {
    kind: 'pglite',
    db,
    durability:
      dataDir === undefined
        ? 'embedded, in memory: nothing outlives the process'
        : 'embedded: a commit is acknowledged when its log is on the disk (fdatasync, shared by waiting commits)',
    lost: log.lost,
    readsOnly: () => engine.readsOnly,
    async check(timeoutMs) {
      await within(timeoutMs, executeSql('SELECT 1'), () => new DatabaseUnavailable('the database is busy'))
    },
    pool: () => ({ total: 1, idle: engine.busy ? 0 : 1, waiting: engine.waiting }),
    executeSql,
    maintain: () => vacuumTables(executeSql),
    snapshot: () => engine.snapshot(),
    async close() {
      await db.destroy()
      await engine.close()
    },
  }
}

function openEngine(log: WriteAheadLog, dataDir: string | undefined, snapshot: Blob | undefined): Promise<PGlite> {
  if (dataDir === undefined) return openInMemory(snapshot)
  if (snapshot !== undefined) throw new Error('a snapshot can only be opened in memory')
  return openCluster(resolve(dataDir), log)
}

// A new segment of the log takes 16 MiB at once.
const leastFreeBytes = 24 * 1024 * 1024

function isNearlyFull(dataDir: string | undefined): boolean {
  if (dataDir === undefined) return false
  const { bavail, bsize } = statfsSync(dataDir)
  return bavail * bsize < leastFreeBytes
}
