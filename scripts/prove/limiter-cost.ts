import { connect } from '@owlery/server/db/connect.ts'
import { migrate } from '@owlery/server/db/migrate.ts'
import { Limiter } from '@owlery/server/limits/limiter.ts'
import { createPostgresCounters } from '@owlery/server/limits/postgres-counters.ts'
import type { Rule } from '@owlery/server/limits/rule.ts'
import { createLogTo } from '@owlery/server/log.ts'
import { startPostgres } from '../lib/temporary-postgres.ts'
import { quantile } from './two-servers.ts'

const rule: Rule = { kind: 'window', points: 100, ms: 60_000 }
const small: Rule = { kind: 'window', points: 10, ms: 60_000 }

/** What a decision costs: in memory, and while the others are told of it in the background. */
export async function measureLimiter(): Promise<boolean> {
  await using postgres = await startPostgres()
  const database = await connect({ kind: 'postgres', url: postgres.url, poolSize: 4 })
  try {
    await migrate(database)
    const log = createLogTo({ write: () => undefined }, 'silent')
    const counters = createPostgresCounters(database.db)
    const shared = new Limiter({ counters, log })
    const alone = new Limiter()
    const local = await microseconds(200_000, (index) => alone.take(rule, `a${index % 1000}`))
    const refused = await microseconds(200_000, () => alone.take(small, 'exhausted'))
    const told = await microseconds(20_000, (index) => shared.take(rule, `b${index % 5000}`))
    const direct = await microseconds(500, (index) =>
      counters.add([{ key: `c${index % 100}`, rule, passed: 1, asked: 0 }]),
    )
    const asked: number[] = []
    for (let index = 0; index < 200; index++) {
      const started = performance.now()
      await shared.take(small, `d${index}`)
      asked.push((performance.now() - started) * 1000)
    }
    await shared.close()
    console.log(
      `a decision: ${local.toFixed(2)} µs alone, ${refused.toFixed(2)} µs refused, ${told.toFixed(2)} µs shared; ` +
        `a limit below 20 asks first: ${quantile(asked, 0.5).toFixed(0)} µs; ` +
        `for comparison, one statement per request: ${direct.toFixed(0)} µs`,
    )
    return told < direct / 10
  } finally {
    await database.close()
  }
}

async function microseconds(count: number, act: (index: number) => unknown): Promise<number> {
  const started = performance.now()
  for (let index = 0; index < count; index++) await act(index)
  return ((performance.now() - started) * 1000) / count
}
