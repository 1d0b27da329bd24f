import { randomUUID } from 'node:crypto'
import { existsSync, openAsBlob } from 'node:fs'
import { connect, type Database } from '@owlery/server/db/connect.ts'
import { inject } from 'vitest'
import { startPostgres } from '../../scripts/lib/temporary-postgres.ts'
import { databaseUrl, inDatabase } from './database-setup.ts'

/** A migrated, empty database of the file's own, of the kind that the run is about. Closing it removes it. */
export async function freshDatabase(): Promise<Database> {
  const source = inject('database')
  if (source.kind === 'pglite') return connect({ kind: 'pglite', snapshot: await openAsBlob(source.snapshot) })
  return createDatabase(source.url, source.template)
}

export type PostgresServer = { readonly url: string; stop(): Promise<void> }

/** The server of TEST_DATABASE_URL, or else a temporary one where PostgreSQL is installed. */
export async function postgresServer(): Promise<PostgresServer | undefined> {
  const url = process.env['TEST_DATABASE_URL']
  if (url !== undefined) return { url, stop: async () => undefined }
  const binaries = process.env['POSTGRES_BIN'] ?? '/usr/lib/postgresql/15/bin'
  return existsSync(`${binaries}/initdb`) ? startPostgres() : undefined
}

/** A database of its own on that server. Closing it removes it. */
export async function createDatabase(server: string, template = 'template1'): Promise<Database & { url: string }> {
  const name = `owlery_test_${randomUUID().replaceAll('-', '')}`
  await inDatabase(server, (database) => database.executeSql(`CREATE DATABASE ${name} TEMPLATE ${template}`))
  const url = databaseUrl(server, name)
  const database = await connect({ kind: 'postgres', url, poolSize: 10 })
  return {
    ...database,
    url,
    async close() {
      await database.close()
      await inDatabase(server, (other) => other.executeSql(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`))
    },
  }
}
