import { createHash, randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { connect, type Database } from '@owlery/server/db/connect.ts'
import { migrate } from '@owlery/server/db/migrate.ts'
import { migrations } from '@owlery/server/db/migrations/index.ts'
import { openPglite } from '@owlery/server/db/pglite.ts'
import type { TestProject } from 'vitest/node'

/** Where test files get their databases from: a snapshot of a migrated embedded one, or a template on a server. */
export type DatabaseSource =
  | { readonly kind: 'pglite'; readonly snapshot: string }
  | { readonly kind: 'postgres'; readonly url: string; readonly template: string }

declare module 'vitest' {
  interface ProvidedContext {
    database: DatabaseSource
  }
}

export default async function setUp(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const url = process.env['TEST_DATABASE_URL']
  if (url === undefined) {
    project.provide('database', { kind: 'pglite', snapshot: await currentSnapshot() })
    return undefined
  }
  const template = `owlery_test_${randomUUID().replaceAll('-', '')}`
  await inDatabase(url, (server) => server.executeSql(`CREATE DATABASE ${template}`))
  await inDatabase(databaseUrl(url, template), migrate)
  project.provide('database', { kind: 'postgres', url, template })
  return async () => {
    await inDatabase(url, (server) => server.executeSql(`DROP DATABASE ${template} WITH (FORCE)`))
  }
}

export function databaseUrl(server: string, name: string): string {
  const url = new URL(server)
  url.pathname = `/${name}`
  return url.href
}

export async function inDatabase(url: string, work: (database: Database) => Promise<unknown>): Promise<void> {
  const database = await connect({ kind: 'postgres', url, poolSize: 1 })
  try {
    await work(database)
  } finally {
    await database.close()
  }
}

// Kept from run to run, since making one takes seconds; its name says which migrations and which engine it is of.
async function currentSnapshot(): Promise<string> {
  const folder = fileURLToPath(new URL('../../.cache/', import.meta.url))
  const lockFile = await readFile(new URL('../../package-lock.json', import.meta.url), 'utf8')
  const hash = createHash('sha256').update(JSON.stringify(migrations)).update(lockFile).digest('hex').slice(0, 16)
  const snapshot = `${folder}test-database-${hash}.tar`
  if (existsSync(snapshot)) return snapshot
  await mkdir(folder, { recursive: true })
  await removeOldSnapshots(folder)
  const unfinished = `${folder}unfinished-${randomUUID()}.tar`
  await writeFile(unfinished, await makeSnapshot())
  await rename(unfinished, snapshot)
  return snapshot
}

// Another run may be using one of the last hours.
async function removeOldSnapshots(folder: string): Promise<void> {
  const oldMs = Date.now() - 24 * 60 * 60 * 1000
  for (const name of await readdir(folder)) {
    const path = `${folder}${name}`
    if (name.startsWith('test-database-') && (await stat(path)).mtimeMs < oldMs) await rm(path, { force: true })
  }
}

async function makeSnapshot(): Promise<Uint8Array> {
  const database = await openPglite({ kind: 'pglite' })
  try {
    await migrate(database)
    return await (await database.snapshot()).bytes()
  } finally {
    await database.close()
  }
}
