import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'

// A disk that really fails cannot be had in a test, so its answers are replaced where the process asks for them.
const disk = vi.hoisted(() => ({ syncFails: false, isFull: false }))

vi.mock('node:fs', async (importOriginal) => {
  const real = await importOriginal<typeof import('node:fs')>()
  return {
    ...real,
    fdatasync(descriptor: number, done: (error: Error | null) => void) {
      if (disk.syncFails) done(new Error('EIO: i/o error, fdatasync'))
      else real.fdatasync(descriptor, done)
    },
    statfsSync: (path: string) => ({ ...real.statfsSync(path), ...(disk.isFull && { bavail: 100 }) }),
  }
})

// Test files of one worker share their modules: those loaded before have the real disk, and those after must have it.
vi.resetModules()
const { connect } = await import('@owlery/server/db/connect.ts')
const { isUnavailable } = await import('@owlery/server/db/constraints.ts')
afterAll(() => void vi.resetModules())

const folder = mkdtempSync(join(tmpdir(), 'owlery-disk-'))
const dataDir = join(folder, 'database')
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('on a disk that is nearly full rows can be read but not written, until there is room again', async () => {
  const database = await connect({ kind: 'pglite', dataDir })
  await database.executeSql('CREATE TABLE kept (value int); INSERT INTO kept VALUES (1)')
  disk.isFull = true
  await new Promise((resolve) => setTimeout(resolve, 150))
  const error = await database.executeSql('INSERT INTO kept VALUES ($1)', [2]).catch((thrown: unknown) => thrown)
  expect(isUnavailable(error)).toBe(true)
  expect(database.readsOnly()).toBe(true)
  expect((await database.executeSql('SELECT value FROM kept')).rows).toEqual([{ value: 1 }])
  disk.isFull = false
  await new Promise((resolve) => setTimeout(resolve, 150))
  await database.executeSql('INSERT INTO kept VALUES ($1)', [3])
  expect(database.readsOnly()).toBe(false)
  await database.close()
})

test('a commit that could not be synced is not acknowledged, nor is anything after it', async () => {
  const database = await connect({ kind: 'pglite', dataDir })
  disk.syncFails = true
  const error = await database.executeSql('INSERT INTO kept VALUES ($1)', [4]).catch((thrown: unknown) => thrown)
  expect(isUnavailable(error)).toBe(true)
  disk.syncFails = false
  await expect(database.check(1000)).rejects.toThrow('could not be brought to the disk')
  await expect(database.executeSql('INSERT INTO kept VALUES ($1)', [5])).rejects.toThrow('could not be brought')
  await database.close()

  const again = await connect({ kind: 'pglite', dataDir })
  const { rows } = await again.executeSql('SELECT value FROM kept ORDER BY value')
  expect(rows).toEqual(expect.arrayContaining([{ value: 1 }, { value: 3 }]))
  expect(rows).not.toContainEqual({ value: 5 })
  await again.close()
})
