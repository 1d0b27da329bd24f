import { type Alert, type AlertDeps, type AlertOutcome, facts, headline } from './alert.ts'
import { postJson } from './post.ts'
import { escapeMarkup } from './text.ts'

/** Names and errors stand in `plain_text`, where `<!channel>` is just text; `text` is what notifications show. */
export function sendToSlack(url: string, alert: Alert, deps: AlertDeps): Promise<AlertOutcome> {
  const fields = facts(alert).map(({ name, value }) => ({
    type: 'plain_text',
    text: `${name}: ${value}`,
    emoji: false,
  }))
  const link =
    alert.link === undefined
      ? []
      : [{ type: 'section', text: { type: 'mrkdwn', text: `<${escapeMarkup(alert.link)}|Open the status page>` } }]
  const json = JSON.stringify({
    text: escapeMarkup(headline(alert, 300)),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: headline(alert, 150), emoji: false } },
      { type: 'section', fields },
      ...link,
    ],
    unfurl_links: false,
    unfurl_media: false,
  })
  return postJson(deps, { url, json, secrets: [url] })
}
