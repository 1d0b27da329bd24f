import { receiveMail } from '../../scripts/lib/smtp-receiver.ts'
import { type Sink, startSink } from './sinks.ts'

export type MailSink = Sink & { readonly mails: readonly string[] }

/** Takes mail by SMTP; `answer` may refuse a command, or say nothing at all to it. */
export async function startMailSink(answer: (command: string) => string | undefined): Promise<MailSink> {
  const mails: string[] = []
  const toMail = (mail: string) => void mails.push(mail)
  const sink = await startSink((socket) => receiveMail(socket, { toCommand: answer, toMail }))
  return Object.assign(sink, { mails })
}
