import { existsSync } from 'node:fs'
import { mkdir, open, rename, rm, rmdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { SyncedFiles } from './pglite-files.ts'
import { syncPath, syncTree } from './sync-files.ts'
import { WriteAheadLog } from './write-ahead-log.ts'

// The engine never takes back the timer with which it reports on a long recovery, and the process would not end for it.
const memoryParams = [...PGlite.defaultStartParams, '-c', 'log_startup_progress_interval=0']

// -F would tell the engine not to sync at all. The method decides which of its calls SyncedFiles leaves to the log.
const folderParams = [
  ...memoryParams.filter((parameter) => parameter !== '-F'),
  ...['-c', 'wal_sync_method=fdatasync'],
  ...['-c', 'max_wal_size=128MB'],
]

/** A cluster that nothing outlives, begun as a copy if there is something to copy. */
export function openInMemory(snapshot: Blob | undefined): Promise<PGlite> {
  return PGlite.create({ startParams: memoryParams, ...(snapshot !== undefined && { loadDataDir: snapshot }) })
}

/** Opens the cluster in a folder, making it first if there is none. */
export async function openCluster(folder: string, log: WriteAheadLog): Promise<PGlite> {
  if (!existsSync(join(folder, 'PG_VERSION'))) await makeCluster(folder)
  // Before it replays its log the engine syncs every file, twice and one by one. Here several go at a time, and once.
  const synced = (await wasShutDown(folder)) ? new Set<string>() : await syncTree(folder)
  return startCluster(folder, log, synced)
}

async function startCluster(folder: string, log: WriteAheadLog, synced: ReadonlySet<string>): Promise<PGlite> {
  const said: string[] = []
  const listen = (line: string) => {
    said.push(line)
    if (said.length > 20) said.shift()
    return false
  }
  try {
    const fs = new SyncedFiles(folder, log, synced)
    return await PGlite.create({ fs, startParams: folderParams, onStdout: listen, onStderr: listen })
  } catch (cause) {
    throw new Error([`the embedded database in ${folder} does not start:`, ...said].join('\n  '), { cause })
  }
}

// Made beside its place and moved there whole, so that a first start which is cut short leaves nothing half done.
async function makeCluster(folder: string): Promise<void> {
  const unfinished = `${folder}.unfinished`
  await rm(unfinished, { recursive: true, force: true })
  // The engine lets everybody read the files it makes.
  await mkdir(unfinished, { recursive: true, mode: 0o700 })
  const log = new WriteAheadLog()
  const pglite = await startCluster(unfinished, log, new Set())
  await pglite.close()
  await log.close()
  await syncTree(unfinished)
  if (existsSync(folder)) await rmdir(folder)
  await rename(unfinished, folder)
  syncPath(dirname(folder))
}

/** The third field of the control file, after a number of eight bytes and two of four, is the state of the cluster. */
async function wasShutDown(folder: string): Promise<boolean> {
  const file = await open(join(folder, 'global', 'pg_control'))
  const { buffer } = await file.read(Buffer.alloc(20), 0, 20, 0).finally(() => file.close())
  const shutDown = 1
  return buffer.readUInt32LE(16) === shutDown
}
