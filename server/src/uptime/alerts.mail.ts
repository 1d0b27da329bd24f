import { escapeHtml } from '../escape-html.ts'
import type { MailMessage } from '../mail/message.ts'
import { clip, oneLine } from './channels/text.ts'
import type { PendingDelivery } from './deliveries.store.ts'

/** More than these are counted, not listed: a mail of a thousand lines helps nobody. */
const mostListed = 100

/** One mail for many alerts: how many monitors are in trouble and how many are well again, and which. */
export function groupedMail(to: string, deliveries: readonly PendingDelivery[]): MailMessage {
  const opened = deliveries.filter(({ transition }) => transition === 'opened')
  const resolved = deliveries.filter(({ transition }) => transition === 'resolved')
  const counts = [
    ...(opened.length === 0 ? [] : [`${opened.length} in trouble`]),
    ...(resolved.length === 0 ? [] : [`${resolved.length} recovered`]),
  ]
  const subject = `${deliveries.length} alerts: ${counts.join(', ')}`
  // Those in trouble first, whatever the order in which they came.
  const all = [...opened, ...resolved]
  const lines = all.slice(0, mostListed).map(lineOf)
  const rest = all.length - lines.length
  const more = rest === 0 ? [] : [`and ${rest} more`]
  const text = [subject, '', ...lines, ...more]
  const items = [...lines, ...more].map((line) => `<li>${escapeHtml(line)}</li>`)
  return {
    to,
    subject,
    text: `${text.join('\n')}\n`,
    html: `<!doctype html>
<html lang="en">
<body style="font-family: sans-serif; line-height: 1.5">
<p><strong>${escapeHtml(subject)}</strong></p>
<ul>${items.join('')}</ul>
</body>
</html>
`,
  }
}

function lineOf({ transition, cause, monitor_name, found }: PendingDelivery): string {
  const name = clip(oneLine(monitor_name), 120)
  if (transition === 'resolved') return `RECOVERED: ${name}`
  const error = clip(oneLine(found ?? ''), 150)
  return `${cause === 'down' ? 'DOWN' : 'DEGRADED'}: ${name}${error === '' ? '' : ` (${error})`}`
}
