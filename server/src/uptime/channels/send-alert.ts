import { randomUUID } from 'node:crypto'
import type { AlertChannel } from '@owlery/spec'
import type { Alert, AlertDeps, AlertOutcome } from './alert.ts'
import { type AlertSettings, type Channel, channelsOf } from './channel.ts'
import { sendToDiscord } from './discord.ts'
import { sendByEmail } from './email.ts'
import { sendToOpsgenie } from './opsgenie.ts'
import { sendToPagerduty } from './pagerduty.ts'
import { sendToSlack } from './slack.ts'
import { sendToTeams } from './teams.ts'
import { sendToTelegram } from './telegram.ts'
import { sendToWebhook } from './webhook.ts'

/** One try, within `deps.timeoutMs`. Whatever goes wrong on the way is an outcome, never a rejection. */
export function sendAlert(channel: Channel, alert: Alert, deps: AlertDeps): Promise<AlertOutcome> {
  switch (channel.name) {
    case 'email':
      return sendByEmail(channel.to, alert, deps)
    case 'webhook':
      return sendToWebhook(channel.url, alert, deps)
    case 'slack':
      return sendToSlack(channel.url, alert, deps)
    case 'discord':
      return sendToDiscord(channel.url, alert, deps)
    case 'teams':
      return sendToTeams(channel.url, alert, deps)
    case 'telegram':
      return sendToTelegram(channel, alert, deps)
    case 'pagerduty':
      return sendToPagerduty(channel.routingKey, alert, deps)
    case 'opsgenie':
      return sendToOpsgenie(channel.apiKey, alert, deps)
  }
}

export type TestResult = {
  readonly channel: AlertChannel
  readonly configured: boolean
  readonly ok: boolean
  readonly error?: string
}

export type TestedMonitor = { readonly id: number; readonly name: string; readonly url: string; readonly link?: string }

/** Sends a sample the way a real alert goes, to all channels at once, and says of each how it went. */
export function testAlert(settings: AlertSettings, monitor: TestedMonitor, deps: AlertDeps): Promise<TestResult[]> {
  const sample: Alert = {
    monitor: monitor.name,
    url: monitor.url,
    status: 'down',
    error: 'This is a test alert. Nothing is wrong.',
    at: deps.now(),
    incidentKey: `owlery-test-${monitor.id}-${randomUUID()}`,
    ...(monitor.link !== undefined && { link: monitor.link }),
    isTest: true,
  }
  return Promise.all(
    channelsOf(settings).map(async (state): Promise<TestResult> => {
      if (!state.configured) return { channel: state.name, configured: false, ok: false }
      const outcome = await sendSample(state.channel, sample, deps)
      return { channel: state.name, configured: true, ...outcome }
    }),
  )
}

/** These two keep alerts open until they are closed, and would escalate a test that nobody resolves. */
const keepsOpen: readonly AlertChannel[] = ['pagerduty', 'opsgenie']

async function sendSample(channel: Channel, sample: Alert, deps: AlertDeps): Promise<AlertOutcome> {
  const opened = await sendAlert(channel, sample, deps)
  if (!opened.ok || !keepsOpen.includes(channel.name)) return opened
  const closed = await sendAlert(channel, { ...sample, status: 'up' }, deps)
  return closed.ok ? closed : { ok: false, error: `the test alert was opened but not closed: ${closed.error}` }
}
