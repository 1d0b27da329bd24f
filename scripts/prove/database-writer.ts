import { connect } from '@owlery/server/db/connect.ts'
import { sql } from 'kysely'

/**
 * Writes until it is killed, or for a number of commits, and prints each number once its commit was acknowledged.
 * Every commit is a pair of rows, so that half a transaction would show.
 */
const [where = '', firstNumber = '1', writers = '8', commits = 'Infinity'] = process.argv.slice(2)
const isUrl = where.startsWith('postgres')
const database = await connect(
  isUrl ? { kind: 'postgres', url: where, poolSize: Number(writers) } : { kind: 'pglite', dataDir: where },
)
await database.executeSql(`
  CREATE TABLE IF NOT EXISTS pairs (number bigint, half text, filler text, PRIMARY KEY (number, half))`)
console.log('ready')

let next = Number(firstNumber)
const end = next + Number(commits)

async function write(): Promise<void> {
  while (next < end) {
    const number = next++
    await database.db.transaction().execute(async (trx) => {
      await sql`INSERT INTO pairs VALUES (${number}, 'left', ${'x'.repeat(number % 300)})`.execute(trx)
      await sql`INSERT INTO pairs VALUES (${number}, 'right', NULL)`.execute(trx)
    })
    // On a pipe this is written before the call returns, so a kill cannot take the line back.
    process.stdout.write(`acknowledged ${number}\n`)
  }
}

await Promise.all(Array.from({ length: Number(writers) }, write))
console.log('done')
await database.close()
