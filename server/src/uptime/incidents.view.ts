import { type AlertChannel, alertChannels } from '@owlery/spec'
import type { DeliveryRow } from './deliveries.store.ts'
import type { IncidentRow, UpdateRow } from './incidents.store.ts'

export function toIncident(row: IncidentRow) {
  return {
    id: row.id,
    monitorId: row.monitor_id,
    logAlertId: row.log_alert_id,
    monitorName: row.monitor_name,
    title: row.title,
    status: row.status,
    severity: row.severity,
    cause: row.cause,
    errorMessage: row.error_message,
    suppressedById: row.suppressed_by_id,
    startedAt: row.started_at.toISOString(),
    acknowledgedAt: row.acknowledged_at?.toISOString() ?? null,
    acknowledgedByUserId: row.acknowledged_by_user_id,
    resolvedAt: row.resolved_at?.toISOString() ?? null,
    resolvedByUserId: row.resolved_by_user_id,
    autoResolved: row.auto_resolved,
    postmortem: row.postmortem,
    postmortemPublishedAt: row.postmortem_published_at?.toISOString() ?? null,
    createdAt: row.created_at.toISOString(),
  }
}

export function toUpdate(row: UpdateRow) {
  return {
    id: row.id,
    status: row.status,
    body: row.body,
    createdAt: row.created_at.toISOString(),
    authorUserId: row.author_user_id,
  }
}

export function toDelivery(row: DeliveryRow) {
  return {
    id: row.id,
    channel: channelOf(row.channel),
    transition: row.transition,
    status: row.status,
    attempts: row.attempts,
    errorMessage: row.error_message,
    createdAt: row.created_at.toISOString(),
    finishedAt: row.finished_at?.toISOString() ?? null,
  }
}

function channelOf(text: string): AlertChannel {
  const channel = alertChannels.find((name) => name === text)
  if (channel === undefined) throw new Error(`${text} is no channel`)
  return channel
}
