import { setTimeout as delay } from 'node:timers/promises'
import { systemClock } from '@owlery/server/clock.ts'
import { compose } from '@owlery/server/compose.ts'
import { readConfig } from '@owlery/server/config.ts'
import { connect } from '@owlery/server/db/connect.ts'
import { createLog } from '@owlery/server/log.ts'

/**
 * One process that works, for `checks.ts`: `worker` runs the service's own checks until all that is due is written down,
 * `bare` fetches the same URLs and forgets them. Prints how long it took.
 */
const [kind = '', url = '', count = '0'] = process.argv.slice(2)
const expected = Number(count)
const atOnce = 300

async function bare(): Promise<number> {
  const database = await connect({ kind: 'postgres', url, poolSize: 1 })
  const { rows } = await database.executeSql('SELECT url FROM monitors ORDER BY id LIMIT $1', [expected])
  await database.close()
  // All of them at one address, whose connections stay open: the fastest that fetch can be.
  const urls = rows.map((row) => String(row['url']).replace(/127[.\d]+/, '127.0.0.1'))
  const started = performance.now()
  const one = async () => {
    for (let next = urls.pop(); next !== undefined; next = urls.pop()) {
      const response = await fetch(next)
      await response.arrayBuffer()
      if (!response.ok) throw new Error(String(response.status))
    }
  }
  await Promise.all(Array.from({ length: atOnce }, one))
  return performance.now() - started
}

async function worker(): Promise<number> {
  const outcome = readConfig({ ...process.env, DATABASE_URL: url, OUTBOUND_ALLOW: '127.0.0.0/8' }, [])
  if (!outcome.ok) throw new Error(outcome.faults.join('\n'))
  const { log } = createLog({ level: 'warn', form: 'json' })
  const { config } = outcome
  const database = await connect({ kind: 'postgres', url, poolSize: 10 })
  const services = await compose({ config, clock: systemClock, log, database, isStopping: () => false })
  await services.queue.start()
  const started = performance.now()
  services.engine.start()
  for (let left = 1; left > 0; ) {
    await delay(50)
    const { rows } = await database.executeSql(
      'SELECT count(*) AS left FROM monitor_states WHERE last_checked_at IS NULL',
    )
    left = Number(rows[0]?.['left'])
  }
  const took = performance.now() - started
  await services.engine.stop(2000)
  await services.queue.stop(2000)
  await database.close()
  return took
}

console.log(`took ${kind === 'bare' ? await bare() : await worker()}`)
process.exit(0)
