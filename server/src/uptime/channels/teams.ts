import { type Alert, type AlertDeps, type AlertOutcome, facts, headline } from './alert.ts'
import { postJson } from './post.ts'

/** An adaptive card in a message: workflows and the older connectors both take it. */
export function sendToTeams(url: string, alert: Alert, deps: AlertDeps): Promise<AlertOutcome> {
  const lines = facts(alert).map(({ name, value }) =>
    textBlock({ text: `${name}: `, weight: 'Bolder' }, { text: value, weight: 'Default' }),
  )
  const content = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    body: [textBlock({ text: headline(alert, 300), weight: 'Bolder', size: 'Large' }), ...lines],
    ...(alert.link !== undefined && {
      actions: [{ type: 'Action.OpenUrl', title: 'Open the status page', url: alert.link }],
    }),
  }
  const attachment = { contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content }
  const json = JSON.stringify({ type: 'message', attachments: [attachment] })
  return postJson(deps, { url, json, secrets: [url] })
}

type Run = { readonly text: string; readonly weight: 'Default' | 'Bolder'; readonly size?: 'Large' }

/** Text runs, unlike text blocks, read no markdown. */
function textBlock(...runs: readonly Run[]) {
  return { type: 'RichTextBlock', inlines: runs.map((run) => ({ type: 'TextRun', ...run })) }
}
