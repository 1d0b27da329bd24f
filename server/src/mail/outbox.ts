import { randomBytes } from 'node:crypto'
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../clock.ts'

export type Outbox = { put(message: Buffer): Promise<string> }

/** Mails hold reset links, so folder and files are for their owner's eyes, and only the newest `keep` stay. */
export function createOutbox({ folder, clock, keep = 500 }: { folder: string; clock: Clock; keep?: number }): Outbox {
  let count: number | undefined
  return {
    put: async (message) => {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      const time = clock.now().toISOString().replaceAll(':', '-')
      const path = join(folder, `${time}-${randomBytes(4).toString('hex')}.eml`)
      await writeFile(path, message, { mode: 0o600, flag: 'wx' })
      // The folder is listed at the first message and again only when it overflows.
      if (count === undefined || ++count > keep) count = await removeOldest(folder, keep)
      return path
    },
  }
}

async function removeOldest(folder: string, keep: number): Promise<number> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.eml')).sort()
  const surplus = names.slice(0, Math.max(0, names.length - keep))
  await Promise.all(surplus.map((name) => rm(join(folder, name), { force: true })))
  return names.length - surplus.length
}
