import { randomBytes } from 'node:crypto'
import { passwordResetMail } from '../mail/password-reset-mail.ts'
import type { Services } from '../services.ts'
import { findAccount } from './accounts.store.ts'
import { insertReset } from './password-resets.store.ts'

const validMinutes = 60

/** The link and the job that mails it exist together or not at all. */
export async function preparePasswordReset(
  { database, queue, clock, config }: Services,
  userId: number | null,
): Promise<void> {
  if (userId === null) return
  const now = clock.now()
  await database.db.transaction().execute(async (tx) => {
    const account = await findAccount(tx, userId)
    if (account === undefined) return
    const token = randomBytes(32).toString('base64url')
    const expiresAt = new Date(now.getTime() + validMinutes * 60_000)
    await insertReset(tx, { token, userId, now, expiresAt })
    const link = `${config.publicUrl}/reset-password#token=${token}`
    await queue.send(
      'mail.send',
      passwordResetMail({ to: account.email, link, validMinutes, publicUrl: config.publicUrl }),
      { tx },
    )
  })
}
