import { connect } from '@owlery/server/db/connect.ts'
import { migrate } from '@owlery/server/db/migrate.ts'
import type { Migration } from '@owlery/server/db/migrations/index.ts'

/** Migrates a table of many rows in steps that each take a while, so that a kill lands in the middle of one. */
const [where = '', rows = '1000000'] = process.argv.slice(2)

const heavy: readonly Migration[] = [
  {
    name: '0001-readings',
    statements: [
      'CREATE TABLE readings (id bigint PRIMARY KEY, value text NOT NULL)',
      `INSERT INTO readings SELECT g, md5(g::text) FROM generate_series(1, ${Number(rows)}) g`,
    ],
  },
  {
    name: '0002-lengths',
    statements: [
      'ALTER TABLE readings ADD COLUMN length integer',
      'UPDATE readings SET length = length(value)',
      'ALTER TABLE readings ALTER COLUMN length SET NOT NULL',
    ],
  },
  { name: '0003-index', statements: ['CREATE INDEX readings_by_value ON readings (value)'] },
]

const isUrl = where.startsWith('postgres')
const database = await connect(
  isUrl ? { kind: 'postgres', url: where, poolSize: 2 } : { kind: 'pglite', dataDir: where },
)
console.log('ready')
console.log(`migrated ${(await migrate(database, heavy)).length}`)
const { rows: found } = await database.executeSql(`
  SELECT count(*) FILTER (WHERE length = 32) AS rows, to_regclass('readings_by_value') IS NOT NULL AS indexed
  FROM readings`)
console.log(`state ${JSON.stringify(found)}`)
await database.close()
