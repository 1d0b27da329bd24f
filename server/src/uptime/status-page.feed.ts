import { escapeHtml } from '../escape-html.ts'
import { changedAt, type PublicIncident } from './public-status-pages.view.ts'
import { renderMarkdown } from './status-page.markdown.ts'

type Feed = {
  readonly title: string
  readonly pageUrl: string
  readonly feedUrl: string
  readonly since: string
  readonly incidents: readonly PublicIncident[]
}

/** Atom: an entry keeps its id while its content and its time move with every update. */
export function atomFeed({ title, pageUrl, feedUrl, since, incidents }: Feed): string {
  const entries = incidents.map((incident) => entryOf(incident, pageUrl))
  const updated = incidents.map(changedAt).reduce((newest, one) => (one > newest ? one : newest), since)
  return `<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
<title>${xml(title)}</title>
<id>${xml(feedUrl)}</id>
<link rel="self" type="application/atom+xml" href="${xml(feedUrl)}"/>
<link rel="alternate" type="text/html" href="${xml(pageUrl)}"/>
<updated>${updated}</updated>
<author><name>${xml(title)}</name></author>
${entries.join('\n')}
</feed>
`
}

function entryOf(incident: PublicIncident, pageUrl: string): string {
  const address = xml(`${pageUrl}#incident-${incident.id}`)
  return `<entry>
<title>${xml(incident.resolvedAt === null ? incident.title : `Resolved: ${incident.title}`)}</title>
<id>${address}</id>
<link rel="alternate" type="text/html" href="${address}"/>
<published>${incident.startedAt}</published>
<updated>${changedAt(incident)}</updated>
<category term="${incident.status}"/>
<content type="html">${xml(contentOf(incident))}</content>
</entry>`
}

function contentOf({ status, updates, postmortem }: PublicIncident): string {
  const told = updates.map(
    (update) => `<p><strong>${update.status}</strong> ${update.createdAt}</p>${renderMarkdown(update.body)}`,
  )
  return [`<p>${status}</p>`, ...told, ...(postmortem === null ? [] : [renderMarkdown(postmortem)])].join('')
}

/** XML 1.0 has no words for most control characters, not even escaped ones. */
function xml(text: string): string {
  const plain = text.toWellFormed().replaceAll(/(?![\t\n\r])\p{Cc}|[\ufffe\uffff]/gu, '\ufffd')
  return escapeHtml(plain)
}
