import type { Contract } from '@owlery/spec'
import type { Kysely } from 'kysely'
import type { Tables } from '../db/tables.ts'
import type { Actor } from '../http/actor.ts'
import type { Effect, ErrorOptions, Input } from '../http/bind.ts'
import type { ApiError } from '../http/problem.ts'
import { hasRoomForMonitors, limitsOf } from '../platform/plans.store.ts'
import type { Services } from '../services.ts'
import { alertUrlsOf, findRefusal, type Refusal } from './monitors.checks.ts'
import { lockParents, parentsIn } from './monitors.dependencies.ts'
import { faultsOf, firstCheckAt, targetOf, withLocal } from './monitors.rules.ts'
import { mintHeartbeatToken, sealSecrets } from './monitors.secrets.ts'
import { insertMonitors, type NewMonitor, takeMonitorIds } from './monitors.store.ts'
import { toMonitor } from './monitors.view.ts'

type Body = Input<Contract['uptime']['monitors']['create']>['body']

/** A body and where it stands in the request, such as `monitors.3.`. */
export type Entry = { readonly body: Body; readonly at: string }

type Code =
  | 'VALIDATION_FAILED'
  | 'PLAN_INTERVAL_TOO_LOW'
  | 'PLAN_LIMIT_MONITORS'
  | 'MONITOR_NAME_DUPLICATE'
  | 'NOT_FOUND'
  | Refusal['code']

type Ground = {
  readonly db: Kysely<Tables>
  readonly actor: Actor
  readonly services: Services
  readonly now: Date
  error(code: Code, options?: ErrorOptions): ApiError
}

/** All that can be settled before the transaction begins, since resolving the names of hosts may take its time. */
export async function prepareMonitors(entries: readonly Entry[], ground: Ground): Promise<NewMonitor[]> {
  const { db, actor, services, now, error } = ground
  const fields = entries.flatMap(({ body, at }) => faultsOf(candidateOf(body), at))
  if (fields.length > 0) throw error('VALIDATION_FAILED', { fields })
  const { minIntervalSec } = await limitsOf(db, actor.organizationId)
  const hasty = entries.find(({ body }) => intervalOf(body) < minIntervalSec)
  if (hasty !== undefined) {
    const message = `${hasty.at}intervalSec: the plan allows checks every ${minIntervalSec} seconds at most`
    throw error('PLAN_INTERVAL_TOO_LOW', { message })
  }
  const refusal = await findRefusal(services.guard, entries.flatMap(addressesOf))
  if (refusal !== undefined) throw error(refusal.code, { message: refusal.message })
  const ids = await takeMonitorIds(db, entries.length)
  return entries.flatMap(({ body }, index) => {
    const id = ids[index]
    return id === undefined ? [] : [newMonitor(id, body, actor.organizationId, services, now)]
  })
}

/** Writes what was prepared, in its order, with an audit row each. */
export async function createMonitors(
  prepared: readonly NewMonitor[],
  { actor, error }: Pick<Ground, 'actor' | 'error'>,
  { db, audit }: Effect,
  meta: { readonly bulk?: true } = {},
) {
  if (!(await hasRoomForMonitors(db, actor.organizationId, prepared.length))) throw error('PLAN_LIMIT_MONITORS')
  const parents = parentsIn(prepared.flatMap(({ depends_on }) => depends_on))
  await lockParents(parents, { db, organizationId: actor.organizationId, error })
  const inserted = await insertMonitors(db, prepared)
  if ('taken' in inserted) {
    throw error('MONITOR_NAME_DUPLICATE', { message: `A monitor with the name "${inserted.taken}" exists already` })
  }
  for (const { id, name, url, type } of prepared)
    await audit({ resource: `monitor:${id}`, meta: { name, url, type, ...meta } })
  const sealedTokens = new Map(prepared.map((one) => [one.id, one.sealed_heartbeat_token]))
  return inserted.rows.map((row) => {
    // The envelope only: it says that there is a token without telling which.
    const heartbeatToken = sealedTokens.get(row.id)
    return { ...toMonitor(row), ...(heartbeatToken && { heartbeatToken }) }
  })
}

const intervalOf = (body: Body) => body.intervalSec ?? 300

function candidateOf(body: Body) {
  return {
    type: body.type,
    url: body.url,
    port: body.port ?? null,
    keyword: body.keyword ?? null,
    regions: body.regions ?? [],
    hasTelegramBotToken: Boolean(body.alertTelegramBotToken),
    hasTelegramChatId: Boolean(body.alertTelegramChatId),
  }
}

function addressesOf({ body, at }: Entry) {
  const target = targetOf(body)
  return [...(target === undefined ? [] : [{ path: `${at}url`, target }]), ...alertUrlsOf(body, at)]
}

function newMonitor(id: number, body: Body, organizationId: number, services: Services, now: Date): NewMonitor {
  const intervalSec = intervalOf(body)
  const heartbeatGraceSec = body.heartbeatGraceSec ?? 60
  const paused = body.paused ?? false
  const heartbeat = body.type === 'heartbeat' ? mintHeartbeatToken(services.secrets, id).columns : {}
  return {
    id,
    organization_id: organizationId,
    name: body.name,
    url: body.url,
    type: body.type,
    interval_sec: intervalSec,
    timeout_ms: body.timeoutMs ?? 10_000,
    expected_status_code: body.expectedStatusCode ?? null,
    degraded_response_time_ms: body.degradedResponseTimeMs ?? null,
    port: body.port ?? null,
    keyword: body.keyword ?? null,
    keyword_match_type: body.keywordMatchType ?? 'contains',
    heartbeat_grace_sec: heartbeatGraceSec,
    alert_threshold: body.alertThreshold ?? 1,
    alert_on_degraded: body.alertOnDegraded ?? false,
    alert_email: body.alertEmail ?? null,
    tags: [...new Set(body.tags)],
    regions: withLocal(body.regions ?? []),
    uptime_target_bp: body.uptimeTargetBp ?? 999,
    uptime_window_days: body.uptimeWindowDays ?? 30,
    paused,
    ...sealSecrets(services.secrets, id, body),
    ...heartbeat,
    created_at: now,
    depends_on: parentsIn(body.dependsOn),
    next_check_at: firstCheckAt({ paused, type: body.type, intervalSec, heartbeatGraceSec }, now),
  }
}
