import { closeSync, fsyncSync, openSync } from 'node:fs'
import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'

/** Brings one file, or a folder's list of names, to the disk. */
export function syncPath(path: string): void {
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/**
 * The same for everything in a folder, and the paths that were synced. Several at a time: one after the other, a
 * thousand small files take a busy disk seconds.
 */
export async function syncTree(folder: string): Promise<ReadonlySet<string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = [folder, ...entries.map((entry) => join(entry.parentPath, entry.name))]
  const queue = paths.values()
  const workers = Array.from({ length: 16 }, async () => {
    for (const path of queue) {
      const file = await open(path, 'r')
      await file.sync().finally(() => file.close())
    }
  })
  await Promise.all(workers)
  return new Set(paths)
}
