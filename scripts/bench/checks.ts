import { connect } from '@owlery/server/db/connect.ts'
import { migrate } from '@owlery/server/db/migrate.ts'
import { fillMonitors } from '../lib/fill-monitors.ts'
import { sharedSecrets } from '../lib/server-process.ts'
import { startPostgres } from '../lib/temporary-postgres.ts'
import { startScript } from '../prove/proof.ts'
import { median, row } from './figures.ts'

const rounds = 3
const count = 15_000
const leastPerSecond = 1500
const leastOfBare = 0.4

/** (e) HTTP checks per second of one worker, each with its result in the database, against a loop of bare fetches. */
export async function checks(): Promise<void> {
  const target = startScript('../bench/checks-target', [], ['taskset', '-c', '1'])
  await using postgres = await startPostgres()
  Object.assign(process.env, sharedSecrets)
  const database = await connect({ kind: 'postgres', url: postgres.url, poolSize: 1 })
  try {
    await migrate(database)
    const port = Number((await target.line('port ')).slice(5))
    await fillMonitors(database, { count, port, intervalSec: 3600, timeoutMs: 10_000, spreadSec: 0 })
    const ratios: number[] = []
    const speeds: number[] = []
    const floors: number[] = []
    for (let round = 0; round < rounds; round++) {
      const floor = await measure('bare', postgres.url)
      await database.executeSql(
        `UPDATE monitor_states SET last_checked_at = NULL, claimed_until = NULL, next_check_at = date_trunc('second', now())`,
      )
      await database.executeSql('VACUUM ANALYZE monitor_states')
      const speed = await measure('worker', postgres.url)
      floors.push(floor)
      speeds.push(speed)
      ratios.push(speed / floor)
    }
    const { rows } = await database.executeSql(`SELECT count(*) AS wrong FROM checks WHERE status <> 'up'`)
    if (Number(rows[0]?.['wrong']) > 0) throw new Error(`${rows[0]?.['wrong']} checks failed`)
    const [ratio, speed] = [median(ratios), median(speeds)]
    row(
      'recorded HTTP checks, one worker',
      `${ratio.toFixed(2)} of fetch`,
      `${speed.toFixed(0)}/s against ${median(floors).toFixed(0)}/s, median of ${rounds} rounds of ${count}; ` +
        `at least ${leastPerSecond}/s and ${leastOfBare} wanted`,
    )
    if (speed < leastPerSecond || ratio < leastOfBare) process.exitCode = 1
  } finally {
    await database.close()
    target.child.kill('SIGTERM')
    await target.ended
  }
}

async function measure(kind: 'bare' | 'worker', url: string): Promise<number> {
  const script = startScript('../bench/checks-worker', [kind, url, String(count)], ['taskset', '-c', '0'])
  const took = Number((await script.line('took ')).slice(5))
  await script.ended
  return count / (took / 1000)
}
