import { existsSync } from 'node:fs'
import { mkdir, open, readdir, rename, rm, rmdir } from 'node:fs/promises'
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

async function startCluster(folder: string, log: WriteAheadLog): Promise<PGlite> {
  const said: string[] = []
  const listen = (line: string) => {
    said.push(line)
    if (said.length > 20) said.shift()
    return false
  }
  try {
    return await PGlite.create({ fs: new SyncedFiles(folder, log), startParams, onStdout: listen, onStderr: listen })
  } catch (cause) {
    throw new Error([`the embedded database in ${folder} does not start:`, ...said].join('\n  '), { cause })
  }
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

// About a thousand small files: one after the other, a busy disk would take seconds.
async function syncTree(folder: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries.map((entry) => join(entry.parentPath, entry.name))
  const syncOne = async (path: string) => {
    const file = await open(path, 'r')
    await file.sync().finally(() => file.close())
  }
  const workers = Array.from({ length: 16 }, async () => {
    for (let path = paths.pop(); path !== undefined; path = paths.pop()) await syncOne(path)
  })
  await Promise.all(workers)
  syncPath(folder)
}
