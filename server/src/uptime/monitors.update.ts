import type { Contract } from '@owlery/spec'
import type { Kysely } from 'kysely'
import { diffOf, type FieldChanges } from '../audit/diff.ts'
import type { Tables } from '../db/tables.ts'
import type { Actor } from '../http/actor.ts'
import type { Effect, ErrorOptions, Input } from '../http/bind.ts'
import type { ApiError } from '../http/problem.ts'
import { limitsOf } from '../platform/plans.store.ts'
import type { Services } from '../services.ts'
import { endClaims } from './engine/claims.store.ts'
import { alertUrlsOf, findRefusal, type Refusal } from './monitors.checks.ts'
import { replaceDependencies } from './monitors.dependencies.store.ts'
import { parentsIn } from './monitors.dependencies.ts'
import { faultsOf, firstCheckAt, targetOf, withLocal } from './monitors.rules.ts'
import { sealSecrets } from './monitors.secrets.ts'
import { type MonitorChange, type MonitorRow, setNextCheck, updateMonitor } from './monitors.store.ts'
import { toMonitor } from './monitors.view.ts'

export type Patch = Input<Contract['uptime']['monitors']['update']>['body']

type Code = 'VALIDATION_FAILED' | 'PLAN_INTERVAL_TOO_LOW' | Refusal['code']

type Ground = {
  readonly db: Kysely<Tables>
  readonly actor: Actor
  readonly services: Services
  readonly now: Date
  error(code: Code, options?: ErrorOptions): ApiError
}

export function hasNoFields(patch: Patch): boolean {
  return Object.values(patch).every((value) => value === undefined)
}

/** Before the transaction: what the patch itself says, and where it would have us call. */
export async function expectFitPatch(
  patch: Patch,
  rows: readonly MonitorRow[],
  ground: Ground,
  at = '',
): Promise<void> {
  const { db, actor, services, error } = ground
  expectFitRows(patch, rows, ground, at)
  const { minIntervalSec } = await limitsOf(db, actor.organizationId)
  if (patch.intervalSec !== undefined && patch.intervalSec < minIntervalSec) {
    const message = `${at}intervalSec: the plan allows checks every ${minIntervalSec} seconds at most`
    throw error('PLAN_INTERVAL_TOO_LOW', { message })
  }
  const { url } = patch
  const targets = url === undefined ? [] : rows.map(({ type }) => targetOf({ type, url }))
  const asked = targets.flatMap((target) => (target === undefined ? [] : [{ path: `${at}url`, target }]))
  const refusal = await findRefusal(services.guard, [...asked, ...alertUrlsOf(patch, at)])
  if (refusal !== undefined) throw error(refusal.code, { message: refusal.message })
}

/** Once more under the lock: another change may have come in between. */
export function expectFitRows(
  patch: Patch,
  rows: readonly MonitorRow[],
  { error }: Pick<Ground, 'error'>,
  at = '',
): void {
  const fields = rows.flatMap((row) => {
    const faults = faultsOf(candidateOf(row, patch), at)
    return rows.length === 1 ? faults : faults.map((fault) => ({ ...fault, message: `${fault.message} (${row.id})` }))
  })
  if (fields.length > 0) throw error('VALIDATION_FAILED', { fields: fields.slice(0, mostFaults) })
}

const mostFaults = 100

/** Applies the patch to a locked row and writes its audit row. What changes nothing makes no new version. */
export async function applyPatch(
  row: MonitorRow,
  patch: Patch,
  { services, now }: Pick<Ground, 'services' | 'now'>,
  { db, audit }: Effect,
  meta: { readonly bulk?: true } = {},
): Promise<'applied' | 'name_taken'> {
  const changes = changesOf(row, patch)
  if (changes.changedFields.length > 0) {
    const change = { ...columnsOf(patch), ...sealSecrets(services.secrets, row.id, patch) }
    if ((await updateMonitor(db, row.id, change)) === 'name_taken') return 'name_taken'
  }
  if (changes.changedFields.includes('dependsOn')) {
    await replaceDependencies(db, row.id, parentsIn(patch.dependsOn))
  }
  if (changes.changedFields.some((field) => asksOtherwise.has(field))) await endClaims(db, row.id)
  if (changes.changedFields.some((field) => reschedules.has(field))) {
    await setNextCheck(db, row.id, firstCheckAt(scheduleOf(row, patch), now))
  }
  await audit({ resource: `monitor:${row.id}`, meta: { name: row.name, ...changes, ...meta } })
  return 'applied'
}

const reschedules: ReadonlySet<string> = new Set(['paused', 'intervalSec', 'heartbeatGraceSec'])
/** What a check begun before would say something else about. */
const asksOtherwise: ReadonlySet<string> = new Set([
  'url',
  'timeoutMs',
  'headers',
  'expectedStatusCode',
  'degradedResponseTimeMs',
  'port',
  'keyword',
  'keywordMatchType',
])

const secretFields = [
  'headers',
  'alertWebhookUrl',
  'alertSlackUrl',
  'alertDiscordUrl',
  'alertMsteamsUrl',
  'alertTelegramBotToken',
  'alertTelegramChatId',
  'alertPagerdutyRoutingKey',
  'alertOpsgenieApiKey',
] as const
const sensitive: ReadonlySet<string> = new Set(secretFields)

function changesOf(row: MonitorRow, patch: Patch): FieldChanges {
  // Marks stand for the secrets, so that no plaintext comes near the log; one that is sent again counts as changed.
  const marked = Object.fromEntries(secretFields.map((field) => [field, patch[field] && 'sent']))
  const dependsOn = patch.dependsOn === undefined ? undefined : parentsIn(patch.dependsOn)
  const after = { ...patch, ...marked, ...listsOf(patch), dependsOn }
  return diffOf({ ...toMonitor(row), ...marksOf(row) }, after, sensitive)
}

function marksOf(row: MonitorRow) {
  const mark = (isSet: boolean) => (isSet ? 'stored' : null)
  return {
    headers: mark(row.has_headers),
    alertWebhookUrl: mark(row.has_alert_webhook_url),
    alertSlackUrl: mark(row.has_alert_slack_url),
    alertDiscordUrl: mark(row.has_alert_discord_url),
    alertMsteamsUrl: mark(row.has_alert_msteams_url),
    alertTelegramBotToken: mark(row.has_alert_telegram_bot_token),
    alertTelegramChatId: mark(row.has_alert_telegram_chat_id),
    alertPagerdutyRoutingKey: mark(row.has_alert_pagerduty_routing_key),
    alertOpsgenieApiKey: mark(row.has_alert_opsgenie_api_key),
  }
}

/** Lists as they are stored: without repetitions, and never without the region that always checks. */
function listsOf({ tags, regions }: Patch) {
  return {
    ...(tags !== undefined && { tags: [...new Set(tags)] }),
    ...(regions !== undefined && { regions: withLocal(regions) }),
  }
}

function columnsOf(patch: Patch): MonitorChange {
  return {
    name: patch.name,
    url: patch.url,
    interval_sec: patch.intervalSec,
    timeout_ms: patch.timeoutMs,
    expected_status_code: patch.expectedStatusCode,
    degraded_response_time_ms: patch.degradedResponseTimeMs,
    port: patch.port,
    keyword: patch.keyword,
    keyword_match_type: patch.keywordMatchType,
    heartbeat_grace_sec: patch.heartbeatGraceSec,
    alert_threshold: patch.alertThreshold,
    alert_on_degraded: patch.alertOnDegraded,
    alert_email: patch.alertEmail,
    uptime_target_bp: patch.uptimeTargetBp,
    uptime_window_days: patch.uptimeWindowDays,
    paused: patch.paused,
    ...listsOf(patch),
  }
}

function candidateOf(row: MonitorRow, patch: Patch) {
  const isSetAfter = (given: string | null | undefined, before: boolean) =>
    given === undefined ? before : given !== null
  return {
    type: row.type,
    url: patch.url ?? row.url,
    port: patch.port === undefined ? row.port : patch.port,
    keyword: patch.keyword === undefined ? row.keyword : patch.keyword,
    regions: patch.regions ?? row.regions,
    hasTelegramBotToken: isSetAfter(patch.alertTelegramBotToken, row.has_alert_telegram_bot_token),
    hasTelegramChatId: isSetAfter(patch.alertTelegramChatId, row.has_alert_telegram_chat_id),
  }
}

function scheduleOf(row: MonitorRow, patch: Patch) {
  return {
    type: row.type,
    paused: patch.paused ?? row.paused,
    intervalSec: patch.intervalSec ?? row.interval_sec,
    heartbeatGraceSec: patch.heartbeatGraceSec ?? row.heartbeat_grace_sec,
  }
}
