import { type Alert, type AlertDeps, type AlertOutcome, alertServices, facts, headline } from './alert.ts'
import { postJson } from './post.ts'
import { clip, oneLine } from './text.ts'

/** Creates on trouble and closes by the same alias on recovery; repeats of an open alias only count up. */
export function sendToOpsgenie(apiKey: string, alert: Alert, deps: AlertDeps): Promise<AlertOutcome> {
  const base = deps.services?.opsgenie ?? alertServices.opsgenie
  const alias = clip(alert.incidentKey, 512)
  const headers = { Authorization: `GenieKey ${apiKey}` }
  const details = Object.fromEntries(facts(alert).map(({ name, value }) => [name.toLowerCase(), value]))
  const text = facts(alert).map(({ name, value }) => `${name}: ${value}`)
  if (alert.status === 'up') {
    const url = `${base}/v2/alerts/${encodeURIComponent(alias)}/close?identifierType=alias`
    const json = JSON.stringify({ source: 'Owlery', note: text.join('\n') })
    return postJson(deps, { url, json, headers, secrets: [apiKey] })
  }
  const json = JSON.stringify({
    message: headline(alert, 130),
    alias,
    description: [...text, ...(alert.link === undefined ? [] : [alert.link])].join('\n'),
    details,
    entity: clip(oneLine(alert.monitor), 512),
    source: 'Owlery',
    // A test must show that the key works, not wake anybody.
    priority: alert.isTest ? 'P5' : 'P1',
  })
  return postJson(deps, { url: `${base}/v2/alerts`, json, headers, secrets: [apiKey] })
}
