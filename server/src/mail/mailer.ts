import { randomUUID } from 'node:crypto'
import { createTransport, type SendMailOptions } from 'nodemailer'
import { type Clock, systemClock } from '../clock.ts'
import type { Log } from '../log.ts'
import { checkMessage, type MailMessage } from './message.ts'
import { createOutbox } from './outbox.ts'

export type Mailer = {
  /** Resolves once the server took the message, or once its file in the outbox is written. */
  send(message: MailMessage): Promise<{ readonly messageId: string; readonly file?: string }>
}

export type MailerOptions = {
  readonly smtpUrl: string | undefined
  readonly from: string
  /** Where messages go while no server is configured. */
  readonly outboxFolder: string
  readonly log: Log
  readonly clock?: Clock
}

export function createMailer({ smtpUrl, from, outboxFolder, log, clock = systemClock }: MailerOptions): Mailer {
  const domain = /@([^>\s]+)>?$/.exec(from)?.[1] ?? 'localhost'
  const compose = (message: MailMessage) => composed(message, from, `<${message.id ?? randomUUID()}@${domain}>`, clock)
  if (smtpUrl !== undefined) {
    const smtp = createTransport({
      url: smtpUrl,
      connectionTimeout: 10_000,
      greetingTimeout: 10_000,
      socketTimeout: 30_000,
      dnsTimeout: 10_000,
    })
    return {
      send: async (message) => {
        const { messageId } = await smtp.sendMail(compose(message))
        return { messageId }
      },
    }
  }
  const composer = createTransport({ streamTransport: true, buffer: true, newline: 'unix' })
  const outbox = createOutbox({ folder: outboxFolder, clock })
  return {
    send: async (message) => {
      const { message: bytes, messageId } = await composer.sendMail(compose(message))
      if (!Buffer.isBuffer(bytes)) throw new TypeError('the composed mail is no buffer')
      const file = await outbox.put(bytes)
      log.info({ file, to: message.to, subject: message.subject }, 'no SMTP_URL is set: the mail is in the outbox')
      return { messageId, file }
    },
  }
}

function composed(message: MailMessage, from: string, messageId: string, clock: Clock): SendMailOptions {
  checkMessage(message)
  const { to, subject, text, html, unsubscribeUrl } = message
  return {
    from,
    // As an object the address is taken literally, never read as a list of several.
    to: { name: '', address: to },
    subject,
    text,
    ...(html === undefined ? {} : { html }),
    messageId,
    date: clock.now(),
    // Out-of-office replies and mail loops stop here.
    headers: {
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'All',
      ...(unsubscribeUrl !== undefined && {
        'List-Unsubscribe': `<${unsubscribeUrl}>`,
        'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
      }),
    },
    disableFileAccess: true,
    disableUrlAccess: true,
  }
}
