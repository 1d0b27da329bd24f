import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { connect } from '@owlery/server/db/connect.ts'
import { inTemporaryFolder, type Proof, startScript } from './proof.ts'

const rowCount = 100_000

/** A start that is killed or stopped in a migration is made good by the next start, with nothing done by hand. */
export const killMigration: Proof = {
  summary: 'kill -9 and SIGTERM in a migration need no repair (20 runs; with PROVE_DATABASE_URL on PostgreSQL too)',
  async prove(runs = 20) {
    const embedded = await killAll('embedded', runs)
    const url = process.env['PROVE_DATABASE_URL']
    return url === undefined ? embedded : (await killAll(url, runs)) && embedded
  },
}

async function killAll(kind: string, runs: number): Promise<boolean> {
  let whole = 0
  let cut = 0
  for (let run = 0; run < runs; run++) {
    await inTemporaryFolder(async (folder) => {
      const where = kind === 'embedded' ? join(folder, 'database') : kind
      await prepare(where)
      if (await cutShort(where, run % 2 === 0 ? 'SIGKILL' : 'SIGTERM')) cut += 1
      const next = startScript('migrator', [where, String(rowCount)])
      const state = await next.line('state ')
      await next.ended
      if (state === `state ${JSON.stringify([{ rows: rowCount, indexed: true }])}`) whole += 1
      else console.log(`run ${run + 1}: ${state}`)
    })
  }
  const name = kind === 'embedded' ? kind : 'postgres'
  console.log(`${name}: ${runs} runs, ${cut} cut short in a migration, ${whole} whole after the next start`)
  return whole === runs && cut > 0
}

async function prepare(where: string): Promise<void> {
  const isUrl = where.startsWith('postgres')
  const database = await connect(
    isUrl ? { kind: 'postgres', url: where, poolSize: 1 } : { kind: 'pglite', dataDir: where },
  )
  await database.executeSql('DROP TABLE IF EXISTS readings, migrations')
  await database.close()
}

/** Whether the signal came before the migrations were done. */
async function cutShort(where: string, signal: NodeJS.Signals): Promise<boolean> {
  const first = startScript('migrator', [where, String(rowCount)])
  await first.line('ready')
  await setTimeout(Math.random() * 1000)
  first.child.kill(signal)
  await first.ended
  return !first.lines.some((line) => line.startsWith('migrated'))
}
