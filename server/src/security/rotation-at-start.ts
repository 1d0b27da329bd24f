import type { Services } from '../services.ts'
import { rotateSecrets } from './rotation.ts'

/**
 * The embedded database admits no second process, so the server itself rotates, behind its requests, whenever it starts
 * with more than one key. On PostgreSQL that would be wrong: another process may not know the new key yet.
 */
export async function rotateAtStart({ config, database, secrets, log, isStopping }: Services): Promise<void> {
  if (database.kind !== 'pglite' || config.encryptionKeys.length < 2) return
  try {
    const reports = await rotateSecrets({ db: database.db, secrets, isStopping })
    const rotated = reports.reduce((sum, report) => sum + report.rotated, 0)
    const unreadable = reports.flatMap((report) => report.unreadable)
    if (unreadable.length > 0) log.error({ unreadable }, 'stored secrets that no key opens')
    if (rotated > 0) log.info({ rotated }, 'stored secrets are sealed with the first key now')
  } catch (err) {
    log.error({ err }, 'could not seal the stored secrets anew; the next start tries again')
  }
}
