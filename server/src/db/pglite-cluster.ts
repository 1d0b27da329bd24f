import { existsSync } from 'node:fs'
import { mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { SyncedFiles, syncPath } from './pglite-files.ts'
import { WriteAheadLog } from './write-ahead-log.ts'

// -F would tell the engine not to sync at all. The method decides which of its calls SyncedFiles leaves to the log.
const startParams = [
  ...PGlite.defaultStartParams.filter((parameter) => parameter !== '-F'),
  ...['-c', 'wal_sync_method=fdatasync'],
  ...['-c', 'max_wal_size=128MB'],
]

/** Opens the cluster in a folder, making it first if there is none. */
export async function openCluster(folder: string, log: WriteAheadLog): Promise<PGlite> {
  if (!existsSync(join(folder, 'PG_VERSION'))) await makeCluster(folder)
  return startCluster(folder, log)
}

function startCluster(folder: string, log: WriteAheadLog): Promise<PGlite> {
  return PGlite.create({ fs: new SyncedFiles(folder, log), startParams })
}

// Made beside its place and moved there whole, so that a first start which is cut short leaves nothing half done.
async function makeCluster(folder: string): Promise<void> {
  const unfinished = `${folder}.unfinished`
  await rm(unfinished, { recursive: true, force: true })
  await mkdir(unfinished, { recursive: true })
  const log = new WriteAheadLog()
  const pglite = await startCluster(unfinished, log)
  await pglite.close()
  await log.close()
  await syncTree(unfinished)
  if (existsSync(folder)) await rmdir(folder)
  await rename(unfinished, folder)
  syncPath(dirname(folder))
}

async function syncTree(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile() || entry.isDirectory()) syncPath(join(entry.parentPath, entry.name))
  }
  syncPath(folder)
}
