import { parseAddressRange } from '@owlery/server/config/addresses.ts'
import { createOutbound } from '@owlery/server/outbound/client.ts'
import { createGuard } from '@owlery/server/outbound/guard.ts'
import type { Alert, AlertDeps } from '@owlery/server/uptime/channels/alert.ts'
import type { Channel } from '@owlery/server/uptime/channels/channel.ts'

export const webhookSecret = 'c0ffee00'.repeat(8)
const range = parseAddressRange('127.0.0.1')
const outbound = createOutbound({ guard: createGuard({ allow: range === undefined ? [] : [range] }) })

export const alert: Alert = {
  monitor: 'Shop <front> *page*',
  url: 'https://shop.example/health?a=1&b=2',
  status: 'down',
  error: 'expected status 200, got 503',
  at: new Date('2030-01-02T03:04:05.678Z'),
  incidentKey: 'owlery-incident-42',
  link: 'https://owlery.example/incidents/42?x=1&y=2',
}

/** The three services that have no URL of their own stand at `baseUrl` too. */
export function depsFor(baseUrl: string): AlertDeps {
  return {
    outbound,
    mail: { send: () => Promise.reject(new Error('no mail is sent here')) },
    webhookSecret,
    now: () => new Date(),
    timeoutMs: 1500,
    services: { telegram: baseUrl, pagerduty: baseUrl, opsgenie: baseUrl },
  }
}

export const pathSecret = 'aBcDeFgHiJkLmNoPqRsTuVwX'
export const keySecret = 'k3yk3yk3yk3yk3yk3yk3yk3yk3yk3y01'

/** Every channel that is reached over HTTP, with its secret where the service wants it. */
export const channelsAt = (baseUrl: string): readonly Channel[] => [
  { name: 'webhook', url: `${baseUrl}/hook/${pathSecret}` },
  { name: 'slack', url: `${baseUrl}/services/T00/B00/${pathSecret}` },
  { name: 'discord', url: `${baseUrl}/api/webhooks/1/${pathSecret}` },
  { name: 'teams', url: `${baseUrl}/workflows/1?sig=${pathSecret}` },
  { name: 'telegram', botToken: `123456:${pathSecret}`, chatId: '-1001234567890' },
  { name: 'pagerduty', routingKey: keySecret },
  { name: 'opsgenie', apiKey: keySecret },
]

/** In the order in which they are told. */
export const everyChannel = ['email', ...channelsAt('').map(({ name }) => name)]
