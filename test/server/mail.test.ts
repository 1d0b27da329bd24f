import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sendMailJob } from '@owlery/server/jobs/send-mail.ts'
import { createLogTo } from '@owlery/server/log.ts'
import { createMailer } from '@owlery/server/mail/mailer.ts'
import { MailRefused } from '@owlery/server/mail/message.ts'
import { passwordResetMail } from '@owlery/server/mail/password-reset-mail.ts'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { receiveMail } from '../../scripts/lib/smtp-receiver.ts'
import { settableClock } from '../support/clock.ts'
import { startSink } from '../support/sinks.ts'

type Received = { from: string; to: string[]; data: string; login: string | undefined }

/** Takes mail and logins; `answer` may refuse at any command. */
async function smtpServer(answer: (command: string) => string | undefined = () => undefined) {
  const received: Received[] = []
  const sink = await startSink((socket) => {
    let mail: Received = { from: '', to: [], data: '', login: undefined }
    const toCommand = (command: string) => {
      const refusal = answer(command)
      if (refusal !== undefined) return refusal
      if (command.startsWith('EHLO')) return '250-test\r\n250 AUTH PLAIN'
      if (command.startsWith('AUTH PLAIN')) {
        mail.login = Buffer.from(command.slice(11), 'base64').toString()
        return '235 welcome'
      }
      if (command.startsWith('MAIL FROM:')) mail.from = command.slice(10)
      if (command.startsWith('RCPT TO:')) mail.to.push(command.slice(8))
      return undefined
    }
    const toMail = (data: string) => {
      received.push({ ...mail, data })
      mail = { ...mail, from: '', to: [] }
      return undefined
    }
    receiveMail(socket, { toCommand, toMail })
  })
  return Object.assign(sink, { received })
}

const clock = settableClock(new Date('2030-01-01T12:00:00Z'))
const from = 'Owlery <owlery@owlery.example>'
const message = { to: 'jane@example.org', subject: 'Grüße', text: 'Schau her\n.\n..ende', html: '<p>Schau her</p>' }

let outboxFolder = ''
let lines: string[] = []
const log = createLogTo({ write: (line: string) => void lines.push(line) }, 'info')

beforeEach(() => {
  outboxFolder = join(mkdtempSync(join(tmpdir(), 'owlery-mail-')), 'outbox')
  lines = []
})
afterEach(() => rmSync(join(outboxFolder, '..'), { recursive: true, force: true }))

const headersOf = (mail: string) =>
  mail
    .slice(0, mail.search(/\r?\n\r?\n/))
    .replaceAll(/\r?\n[ \t]+/g, ' ')
    .split(/\r?\n/)

describe('by SMTP', () => {
  test('the server gets the whole message, marked as sent by a machine', async () => {
    await using server = await smtpServer()
    const mailer = createMailer({
      smtpUrl: `smtp://user:p%40ss@127.0.0.1:${server.port}`,
      from,
      outboxFolder,
      log,
      clock,
    })
    const { messageId } = await mailer.send({ ...message, id: 'job-1' })
    expect(messageId).toBe('<job-1@owlery.example>')
    const [mail] = server.received
    expect(mail).toMatchObject({ from: '<owlery@owlery.example>', to: ['<jane@example.org>'], login: '\0user\0p@ss' })
    expect(headersOf(mail?.data ?? '')).toEqual(
      expect.arrayContaining([
        'From: Owlery <owlery@owlery.example>',
        'To: jane@example.org',
        'Subject: =?UTF-8?Q?Gr=C3=BC=C3=9Fe?=',
        'Auto-Submitted: auto-generated',
        'Message-ID: <job-1@owlery.example>',
        'Date: Tue, 01 Jan 2030 12:00:00 +0000',
      ]),
    )
    // A line of one dot would end the message early; SMTP doubles it on the way.
    expect(mail?.data).toContain('Schau her\r\n..\r\n...ende')
    expect(mail?.data).toContain('<p>Schau her</p>')
  })

  test('a final refusal ends the job, a passing one and a closed port leave it for another attempt', async () => {
    const run = { id: 'job-2', attempt: 1, signal: AbortSignal.timeout(10_000) }
    const attempt = async (answer: (command: string) => string | undefined) => {
      await using server = await smtpServer(answer)
      const mailer = createMailer({
        smtpUrl: `smtp://user:pass@127.0.0.1:${server.port}`,
        from,
        outboxFolder,
        log,
        clock,
      })
      const outcome = await sendMailJob(mailer)(message, run).catch((error: unknown) => error)
      return { outcome, port: server.port }
    }
    const final = await attempt((command) => (command.startsWith('RCPT') ? '550 no such user' : undefined))
    expect(final.outcome).toMatchObject({ name: 'GiveUp' })
    const passing = await attempt((command) => (command.startsWith('RCPT') ? '451 later please' : undefined))
    expect(passing.outcome).toBeInstanceOf(Error)
    expect(passing.outcome).not.toMatchObject({ name: 'GiveUp' })
    const login = await attempt((command) => (command.startsWith('AUTH') ? '535 wrong password' : undefined))
    expect(login.outcome).not.toMatchObject({ name: 'GiveUp' })
    const closed = createMailer({ smtpUrl: `smtp://127.0.0.1:${final.port}`, from, outboxFolder, log, clock })
    await expect(sendMailJob(closed)(message, run)).rejects.toMatchObject({ code: 'ESOCKET' })
  })
})

describe('without a server', () => {
  test('messages wait in the outbox, for their owner alone, and the log says where', async () => {
    const mailer = createMailer({ smtpUrl: undefined, from, outboxFolder, log, clock })
    const { file = '' } = await mailer.send(message)
    expect(file.startsWith(outboxFolder) && file.endsWith('.eml')).toBe(true)
    expect([statSync(file).mode & 0o777, statSync(outboxFolder).mode & 0o777]).toEqual([0o600, 0o700])
    const mail = readFileSync(file, 'utf8')
    expect(headersOf(mail)).toEqual(expect.arrayContaining(['To: jane@example.org', 'Auto-Submitted: auto-generated']))
    expect(mail).toContain('Schau her\n.\n..ende')
    expect(lines.join()).toContain(file)
    expect(lines.join()).not.toContain('Schau her')
  })

  test('only the newest 500 stay', async () => {
    const mailer = createMailer({ smtpUrl: undefined, from, outboxFolder, log, clock })
    const files: string[] = []
    for (let count = 0; count < 510; count += 1) {
      clock.advance(1000)
      files.push((await mailer.send({ to: 'jane@example.org', subject: `mail ${count}`, text: 'x' })).file ?? '')
    }
    const kept = readdirSync(outboxFolder).sort()
    expect(kept.map((name) => join(outboxFolder, name))).toEqual(files.slice(10))
  })
})

test('nothing in a message can become another header or another recipient', async () => {
  await using server = await smtpServer()
  const outboxMailer = createMailer({ smtpUrl: undefined, from, outboxFolder, log, clock })
  const smtpMailer = createMailer({ smtpUrl: `smtp://127.0.0.1:${server.port}`, from, outboxFolder, log, clock })
  const hostile = [
    { ...message, to: 'jane@example.org, eve@example.org' },
    { ...message, to: 'jane@example.org\r\nBcc: eve@example.org' },
    { ...message, to: '"jane\r\n"@example.org' },
    { ...message, to: 'Jane <jane@example.org>' },
    { ...message, to: 'jane@example.org>\r\nRCPT TO:<eve@example.org' },
    { ...message, to: '' },
    { ...message, subject: 'Hello\r\nBcc: eve@example.org' },
    { ...message, subject: 'Hello\nX-Other: 1' },
    { ...message, subject: 'Hello\u0085Bcc: eve@example.org' },
    { ...message, id: 'x>\r\nBcc: eve@example.org' },
    { ...message, text: 'x'.repeat(200_001) },
  ]
  for (const mailer of [outboxMailer, smtpMailer]) {
    for (const mail of hostile) await expect(mailer.send(mail)).rejects.toBeInstanceOf(MailRefused)
  }
  expect(server.received).toEqual([])
})

test('the reset mail carries link and time, and escapes what it quotes', async () => {
  const link = 'https://owlery.example/reset?token=a&b="<x>'
  const mail = passwordResetMail({
    to: "o'neil&co@example.org",
    link,
    validMinutes: 60,
    publicUrl: 'https://owlery.example',
  })
  expect(mail.text).toContain(`\n${link}\n`)
  expect(mail.text).toContain('60 minutes')
  expect(mail.html).toContain('href="https://owlery.example/reset?token=a&amp;b=&quot;&lt;x&gt;"')
  expect(mail.html).toContain('o&#39;neil&amp;co@example.org')
  const mailer = createMailer({ smtpUrl: undefined, from, outboxFolder, log, clock })
  expect((await mailer.send(mail)).file).toBeDefined()
})
