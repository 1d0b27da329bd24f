import type { Mailer } from '../mail/mailer.ts'
import { MailRefused } from '../mail/message.ts'
import { GiveUp, type JobHandlers } from './jobs.ts'

export function sendMailJob(mailer: Mailer): JobHandlers['mail.send'] {
  return async (message, { id }) => {
    try {
      // The same Message-ID at every attempt: if a server took the mail and the answer was lost, it shows up once.
      await mailer.send({ ...message, id })
    } catch (error) {
      if (error instanceof MailRefused || isFinalAnswer(error)) throw new GiveUp(messageOf(error))
      throw error
    }
  }
}

/** A 5xx about this mail is final (RFC 5321 §4.2.1); one about our login is for the operator to repair in the meantime. */
function isFinalAnswer(error: unknown): boolean {
  if (!(error instanceof Error) || ('code' in error && error.code === 'EAUTH')) return false
  return 'responseCode' in error && typeof error.responseCode === 'number' && error.responseCode >= 500
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
