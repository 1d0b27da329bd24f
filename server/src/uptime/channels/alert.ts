import type { MailMessage } from '../../mail/message.ts'
import type { Outbound } from '../../outbound/client.ts'
import { clip, oneLine } from './text.ts'

export type Alert = {
  readonly monitor: string
  readonly url: string
  /** `up` tells of a recovery and closes what an earlier alert with the same key opened. */
  readonly status: 'up' | 'degraded' | 'down'
  readonly error: string | null
  readonly at: Date
  /** The same for every alert of one incident, and for no other. */
  readonly incidentKey: string
  /** Names this alert on this channel, the same in every try; the number of the try goes with it. */
  readonly delivery?: { readonly id: string; readonly attempt: number }
  /** A page on which everybody who gets this can see how it stands. */
  readonly link?: string
  readonly isTest?: boolean
  /** More fields for webhooks, beside the five that every alert has. */
  readonly details?: Readonly<Record<string, string | number>>
}

export type AlertDeps = {
  readonly outbound: Outbound
  readonly mail: { send(message: MailMessage): Promise<unknown> }
  /** The organization's, in plain text. */
  readonly webhookSecret: string
  readonly now: () => Date
  /** For one message to one channel; 10 s unless told otherwise. */
  readonly timeoutMs?: number
  readonly services?: Partial<AlertServices>
}

/** Where those services answer that are not called by a URL of the user's. */
export type AlertServices = { readonly telegram: string; readonly pagerduty: string; readonly opsgenie: string }

export const alertServices: AlertServices = {
  telegram: 'https://api.telegram.org',
  pagerduty: 'https://events.pagerduty.com',
  opsgenie: 'https://api.opsgenie.com',
}

export type AlertOutcome = { readonly ok: true } | { readonly ok: false; readonly error: string }

export const alertTimeoutMs = 10_000

const statusWords = { up: 'RECOVERED', degraded: 'DEGRADED', down: 'DOWN' } as const

export function statusWord({ status, isTest }: Alert): string {
  return isTest ? `TEST ${statusWords[status]}` : statusWords[status]
}

export function headline(alert: Alert, longest: number): string {
  return clip(`${statusWord(alert)}: ${oneLine(alert.monitor)}`, longest)
}

/** What a person wants to know, in lines that fit every service's limits. */
export function facts(alert: Alert): readonly { readonly name: string; readonly value: string }[] {
  const { monitor, url, status, error, at, details } = alert
  return [
    { name: 'Monitor', value: clip(oneLine(monitor), 255) },
    { name: 'Target', value: clip(oneLine(url), 500) },
    { name: 'Status', value: status },
    { name: 'Error', value: clip(oneLine(error ?? ''), 900) },
    { name: 'Time', value: at.toISOString() },
    { name: 'Incident', value: String(details?.incident_id ?? '') },
  ].filter(({ value }) => value !== '')
}
