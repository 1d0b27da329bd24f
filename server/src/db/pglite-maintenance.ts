import type { Database } from './connect.ts'

// The thresholds of PostgreSQL's autovacuum, which the embedded engine lacks.
const tablesInNeed = `
  SELECT format('%I.%I', activity.schemaname, activity.relname) AS name
  FROM pg_stat_user_tables AS activity
  JOIN pg_class AS class ON class.oid = activity.relid
  WHERE activity.n_dead_tup > 50 + 0.2 * greatest(class.reltuples, 0)
    OR activity.n_ins_since_vacuum > 1000 + 0.2 * greatest(class.reltuples, 0)
    OR activity.n_mod_since_analyze > 50 + 0.1 * greatest(class.reltuples, 0)
    OR age(class.relfrozenxid) > 200000000
  ORDER BY activity.n_dead_tup`

/** Cleans the tables that need it, one by one, so that other callers get their turns in between. */
export async function vacuumTables(executeSql: Database['executeSql']): Promise<void> {
  // Counts are otherwise a second behind.
  await executeSql('SELECT pg_stat_force_next_flush()')
  const { rows } = await executeSql(tablesInNeed)
  for (const { name } of rows) {
    if (typeof name === 'string') await executeSql(`VACUUM (ANALYZE) ${name}`)
  }
}
