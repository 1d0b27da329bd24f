import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** Another process works in the data folder. */
export class DataDirInUse extends Error {
  override readonly name = 'DataDirInUse'
}

const busy = 5

// A connection that nobody refers to any more is closed by the garbage collector, and its lock with it.
const held = new Set<DatabaseSync>()

export type DataDirLock = { release(): void }

/**
 * Takes the data folder for this process alone, until it is released or the process ends in whatever way. The lock is
 * the kernel's, taken by way of SQLite, so there is no stale one to reason about.
 */
export function lockDataDir(dataDir: string): DataDirLock {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  // Nothing else in this process may open this file: closing a second descriptor would drop the lock unnoticed.
  const lock = new DatabaseSync(join(dataDir, 'lock'))
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
  } catch (error) {
    lock.close()
    if (error instanceof Error && 'errcode' in error && error.errcode === busy) {
      throw new DataDirInUse(`${dataDir} is in use by ${describeHolder(dataDir)}`)
    }
    throw error
  }
  held.add(lock)
  writeHolder(dataDir)
  return {
    release() {
      if (!held.delete(lock)) return
      rmSync(holderPath(dataDir), { force: true })
      lock.close()
    },
  }
}

function holderPath(dataDir: string): string {
  return join(dataDir, 'lock-holder.json')
}

function writeHolder(dataDir: string): void {
  const holder = { pid: process.pid, host: hostname(), since: new Date().toISOString() }
  const unfinished = `${holderPath(dataDir)}.unfinished`
  writeFileSync(unfinished, `${JSON.stringify(holder)}\n`)
  renameSync(unfinished, holderPath(dataDir))
}

function describeHolder(dataDir: string): string {
  // Whoever has just taken the lock may not have put its name there yet, or the name is of one that was killed.
  for (let attempt = 0; attempt < 20; attempt++) {
    const holder = readHolder(dataDir)
    if (holder !== undefined && (holder.host !== hostname() || isRunning(holder.pid))) {
      return `process ${holder.pid} on ${holder.host} since ${holder.since}`
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50)
  }
  return 'another process'
}

function readHolder(dataDir: string): { pid: number; host: string; since: string } | undefined {
  try {
    const holder: unknown = JSON.parse(readFileSync(holderPath(dataDir), 'utf8'))
    if (typeof holder !== 'object' || holder === null) return undefined
    if (!('pid' in holder) || !('host' in holder) || !('since' in holder)) return undefined
    const { pid, host, since } = holder
    if (typeof pid !== 'number' || typeof host !== 'string' || typeof since !== 'string') return undefined
    return { pid, host, since }
  } catch {
    return undefined
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
