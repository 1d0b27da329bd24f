import { Kysely, PostgresDialect } from 'kysely'
import { Pool, type PoolClient } from 'pg'
import type { Database, PostgresTarget } from './connect.ts'
import type { Tables } from './tables.ts'
import { DatabaseUnavailable } from './unavailable.ts'
import { columnReader } from './values.ts'
import { within } from './within.ts'

/** Opens no connection yet: the first query does. */
export function openPostgres({ url, poolSize }: PostgresTarget): Database {
  const pool = new Pool({
    connectionString: url,
    max: poolSize,
    types: { getTypeParser: columnReader },
    application_name: 'owlery',
    connectionTimeoutMillis: 5_000,
    statement_timeout: 30_000,
    idle_in_transaction_session_timeout: 30_000,
    keepAlive: true,
    // The embedded database counts its days in UTC; this one must agree, whatever its server is set to.
    onConnect: async (client) => {
      await client.query(`SET TIME ZONE 'UTC'`)
    },
  })
  // A connection may break at any time. An idle one leaves the pool by itself, and one in use fails its next query;
  // unheard, either event would end the process.
  const ignore = () => undefined
  pool.on('error', ignore)
  pool.on('connect', (client) => {
    client.on('error', ignore)
    answerByCallback(client)
  })
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })

  return {
    kind: 'postgres',
    db,
    // A server that fails ends by itself, and this process waits for the next one.
    lost: new Promise(() => undefined),
    durability: 'postgres: a commit is acknowledged when the server has made it durable',
    // Its disk is its server's business.
    readsOnly: () => false,
    async check(timeoutMs) {
      const late = () => new DatabaseUnavailable('the database did not answer')
      await within(timeoutMs, pool.query('SELECT 1'), late)
    },
    pool: () => ({ total: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
    async executeSql(text, values = []) {
      // Several statements give several results, which the type does not say.
      const results: unknown = await (values.length === 0 ? pool.query(text) : pool.query(text, [...values]))
      return { rows: [results].flat().flatMap(rowsOf) }
    },
    // Autovacuum and the checkpointer see to it.
    async maintain() {},
    async close() {
      if (!pool.ending) await pool.end()
    },
  }
}

function rowsOf(result: unknown): Record<string, unknown>[] {
  if (typeof result !== 'object' || result === null || !('rows' in result)) return []
  return Array.isArray(result.rows) ? result.rows : []
}

/**
 * What pg resolves a promise of its own with stays reachable, for the collector of young objects, until the next full
 * collection: every answer is copied twice and moved into the old space. At 500 rows each collection took 9 ms instead
 * of 1. What it gives to a callback is not.
 */
function answerByCallback(client: PoolClient): void {
  const { query } = client
  Reflect.set(client, 'query', (...given: readonly unknown[]): unknown => {
    const [text, values = []] = given
    if (typeof text !== 'string' || given.some((one) => typeof one === 'function')) {
      return Reflect.apply(query, client, given)
    }
    return new Promise((resolve, reject) => {
      const settle = (error: unknown, result: unknown) => (error ? reject(error) : resolve(result))
      Reflect.apply(query, client, [text, values, settle])
    })
  })
}
