import { type Alert, type AlertDeps, type AlertOutcome, alertServices, facts, headline } from './alert.ts'
import { postJson } from './post.ts'
import { clip, oneLine } from './text.ts'

/** Triggers on trouble and resolves on recovery; the key ties the two together and swallows repeats. */
export function sendToPagerduty(routingKey: string, alert: Alert, deps: AlertDeps): Promise<AlertOutcome> {
  const event = { routing_key: routingKey, dedup_key: clip(alert.incidentKey, 255) }
  const json = JSON.stringify(
    alert.status === 'up'
      ? { ...event, event_action: 'resolve' }
      : {
          ...event,
          event_action: 'trigger',
          client: 'Owlery',
          ...(alert.link !== undefined && { client_url: alert.link }),
          payload: {
            summary: headline(alert, 1024),
            source: clip(oneLine(alert.url), 255),
            severity: severityOf(alert),
            timestamp: alert.at.toISOString(),
            custom_details: Object.fromEntries(facts(alert).map(({ name, value }) => [name.toLowerCase(), value])),
          },
        },
  )
  const base = deps.services?.pagerduty ?? alertServices.pagerduty
  return postJson(deps, { url: `${base}/v2/enqueue`, json, secrets: [routingKey] })
}

function severityOf({ status, isTest }: Alert): 'critical' | 'warning' | 'info' {
  if (isTest) return 'info'
  return status === 'down' ? 'critical' : 'warning'
}
