import { escapeHtml } from '../../escape-html.ts'
import { type MailMessage, MailRefused } from '../../mail/message.ts'
import { type Alert, type AlertDeps, type AlertOutcome, alertTimeoutMs, facts, headline } from './alert.ts'
import { clip, oneLine } from './text.ts'

export function sendByEmail(to: string, alert: Alert, deps: AlertDeps): Promise<AlertOutcome> {
  const subject = headline(alert, 200)
  const lines = facts(alert)
  const { link } = alert
  const text = [...lines.map(({ name, value }) => `${name}: ${value}`), ...(link === undefined ? [] : ['', link])]
  const rows = lines.map(({ name, value }) => `<tr><th align="left">${name}</th><td>${escapeHtml(value)}</td></tr>`)
  const html = `<!doctype html>
<html lang="en">
<body style="font-family: sans-serif; line-height: 1.5">
<p><strong>${escapeHtml(subject)}</strong></p>
<table cellpadding="4">${rows.join('')}</table>
${link === undefined ? '' : `<p><a href="${escapeHtml(link)}">Open the status page</a></p>`}
</body>
</html>
`
  // With the same Message-ID in every try, one that was taken although we did not hear of it shows up once.
  const id = alert.delivery && { id: alert.delivery.id }
  return mailAlert({ to, subject, text: `${text.join('\n')}\n`, html, ...id }, deps)
}

/** One try. A mail server that takes its time is left alone after the time limit of every channel. */
export async function mailAlert(
  message: MailMessage,
  deps: Pick<AlertDeps, 'mail' | 'timeoutMs'>,
): Promise<AlertOutcome> {
  const { promise: tooLate, resolve } = Promise.withResolvers<AlertOutcome>()
  const giveUp = () => resolve({ ok: false, error: 'the mail server did not take the mail within the time limit' })
  const timer = setTimeout(giveUp, deps.timeoutMs ?? alertTimeoutMs)
  const sending = deps.mail.send(message).then(
    (): AlertOutcome => ({ ok: true }),
    (error: unknown): AlertOutcome => ({ ok: false, error: explain(error) }),
  )
  try {
    return await Promise.race([sending, tooLate])
  } finally {
    clearTimeout(timer)
  }
}

/** The server's own words help about this mail; those about our login or our network are for the operator's log. */
function explain(error: unknown): string {
  if (error instanceof MailRefused) return error.message
  if (!(error instanceof Error)) return 'the mail could not be sent'
  if ('code' in error && error.code === 'EAUTH') return 'the mail server refused our login'
  if ('response' in error && typeof error.response === 'string') {
    return `the mail server answered ${clip(oneLine(error.response), 200)}`
  }
  return 'the mail server cannot be reached'
}
