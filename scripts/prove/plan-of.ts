import type { Database } from '@owlery/server/db/connect.ts'
import type { Tables } from '@owlery/server/db/tables.ts'
import type { Kysely, KyselyPlugin, PluginTransformQueryArgs } from 'kysely'

/** How the database went about the last statement that a store function makes, with the statement exactly as it is. */
export async function planOf(database: Database, read: (db: Kysely<Tables>) => Promise<unknown>): Promise<string[]> {
  const { db } = database
  const seen: PluginTransformQueryArgs[] = []
  const remember: KyselyPlugin = {
    transformQuery: (query) => {
      seen.push(query)
      return query.node
    },
    transformResult: async ({ result }) => result,
  }
  await read(db.withPlugin(remember))
  // A subquery passes through on its own before the statement that holds it.
  const query = seen.at(-1)
  if (query === undefined) throw new Error('nothing was asked of the database')
  const { sql, parameters } = db.getExecutor().compileQuery(query.node, query.queryId)
  const { rows } = await database.executeSql(`EXPLAIN (ANALYZE, COSTS OFF, SUMMARY ON) ${sql}`, parameters)
  return rows.map((row) => String(row['QUERY PLAN']))
}
