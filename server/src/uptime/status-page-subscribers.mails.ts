import { createHash } from 'node:crypto'
import { escapeHtml } from '../escape-html.ts'
import type { MailMessage } from '../mail/message.ts'
import { confirmHours } from './status-page-subscribers.store.ts'

type Page = { readonly title: string; readonly url: string }

/** One line, short enough for a subject whatever the page and the monitor are called. */
const subjectOf = (text: string) => text.replaceAll(/\p{Cc}+/gu, ' ').slice(0, 200)

export function confirmMail(to: string, page: Page, link: string): MailMessage {
  const asked = `Somebody, we hope you, asked for mail about incidents on “${page.title}” (${page.url}).`
  const after = `The link works for ${confirmHours} hours. If it was not you, ignore this mail: you will get no other.`
  return {
    to,
    subject: subjectOf(`Confirm mail from ${page.title}`),
    text: `${asked}\n\n${link}\n\n${after}\n`,
    html: htmlOf([escapeHtml(asked), `<a href="${escapeHtml(link)}">Yes, send me mail</a>`, escapeHtml(after)]),
  }
}

export type Told = {
  readonly headline: string
  /** What somebody wrote, if it is about that. */
  readonly body: string | null
}

export function incidentMail(to: string, page: Page, told: Told, unsubscribeUrl: string, eventId: string): MailMessage {
  const why = `You get this mail because you subscribed to “${page.title}”.`
  const written = told.body === null ? [] : [told.body]
  return {
    to,
    subject: subjectOf(`[${page.title}] ${told.headline}`),
    text: [told.headline, ...written, page.url, `${why} Unsubscribe: ${unsubscribeUrl}`].join('\n\n').concat('\n'),
    html: htmlOf([
      `<strong>${escapeHtml(told.headline)}</strong>`,
      ...written.map((text) => escapeHtml(text).replaceAll('\n', '<br>')),
      `<a href="${escapeHtml(page.url)}">${escapeHtml(page.title)}</a>`,
      `${escapeHtml(why)} <a href="${escapeHtml(unsubscribeUrl)}">Unsubscribe</a>`,
    ]),
    unsubscribeUrl,
    // The same mail whichever attempt it is, and told apart from that to everybody else.
    id: createHash('sha256').update(`${eventId} ${unsubscribeUrl}`).digest('hex').slice(0, 40),
  }
}

function htmlOf(paragraphs: readonly string[]): string {
  return `<!doctype html>
<html lang="en">
<body style="font-family: sans-serif; line-height: 1.5">
${paragraphs.map((paragraph) => `<p>${paragraph}</p>`).join('\n')}
</body>
</html>
`
}
