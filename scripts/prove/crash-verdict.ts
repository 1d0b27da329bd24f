import type { Database } from '@owlery/server/db/connect.ts'
import type { Sinks } from './crash-sinks.ts'
import type { WatchedTarget } from './crash-targets.ts'
import type { Ledger } from './crash-writers.ts'

/** A sentence for everything that is not as it has to be. */
export type Faults = readonly string[]

// A check that was on its way while a target changed its state.
const slackMs = 1000

export type IncidentCount = { readonly faults: Faults; readonly incidents: number; readonly periods: number }

/** One incident for every period in which a target was down long enough, and none else. */
export async function judgeIncidents(database: Database, watched: readonly WatchedTarget[]): Promise<IncidentCount> {
  const faults: string[] = []
  let incidents = 0
  for (const { monitorId, periods, isWorkedOn } of watched) {
    const rows = await database.db
      .selectFrom('incidents')
      .select(['id', 'started_at', 'resolved_at', 'auto_resolved'])
      .where('monitor_id', '=', monitorId)
      .orderBy('id')
      .execute()
    incidents += rows.length
    for (const [index, { id, resolved_at, auto_resolved }] of rows.entries()) {
      const next = rows[index + 1]
      if (resolved_at === null) faults.push(`incident ${id} is still open`)
      else if (next !== undefined && next.started_at < resolved_at) faults.push(`incident ${id} overlaps the next one`)
      if (!isWorkedOn && !auto_resolved) faults.push(`incident ${id} was not resolved by a check`)
    }
    const during = periods.map(({ from, until }, index) => {
      const earliest = Math.max(+from - slackMs, +(periods[index - 1]?.until ?? 0) + 1)
      return rows.filter(({ started_at }) => +started_at >= earliest && started_at <= until)
    })
    const missing = during.filter((found) => found.length === 0).length
    const doubled = isWorkedOn ? 0 : during.filter((found) => found.length > 1).length
    const strays = rows.length - new Set(during.flat()).size
    if (missing > 0) faults.push(`monitor ${monitorId}: ${missing} of ${periods.length} periods without an incident`)
    if (doubled > 0) faults.push(`monitor ${monitorId}: ${doubled} periods with two incidents`)
    // Who resolves by hand as the target comes back may find one more that began with the last bad check.
    if (strays > 0 && !isWorkedOn) faults.push(`monitor ${monitorId}: ${strays} incidents while it was up`)
  }
  return { faults, incidents, periods: watched.reduce((sum, { periods }) => sum + periods.length, 0) }
}

/** Every acknowledged write is there, with as many audit rows as there were acknowledgements. */
export async function judgeWrites(database: Database, ledger: Ledger): Promise<Faults> {
  const faults: string[] = []
  const { rows } = await database.executeSql('SELECT action, resource, count(*) AS count FROM audit_logs GROUP BY 1, 2')
  const audited = new Map(rows.map((row) => [`${row['action']} ${row['resource']}`, Number(row['count'])]))
  const expectAudit = (action: string, resource: string, count: number) => {
    const found = audited.get(`${action} ${resource}`) ?? 0
    if (found !== count) faults.push(`${action} of ${resource}: ${count} acknowledged, ${found} in the audit log`)
  }
  const { db } = database
  const names = new Map(
    (await db.selectFrom('monitors').select(['id', 'name']).execute()).map((row) => [row.id, row.name]),
  )
  for (const [id, { name, changes }] of ledger.monitors) {
    if ((names.get(id) ?? null) !== name) faults.push(`monitor ${id} is ${names.get(id)} instead of ${name}`)
    expectAudit('CREATE_MONITOR', `monitor:${id}`, 1)
    expectAudit('UPDATE_MONITOR', `monitor:${id}`, changes)
    expectAudit('DELETE_MONITOR', `monitor:${id}`, name === null ? 1 : 0)
  }
  const made = [...names].filter(([id, name]) => name.startsWith('made ') && !ledger.monitors.has(id))
  if (made.length > 0) faults.push(`${made.length} monitors that nobody was told of`)

  const updates = await db.selectFrom('incident_updates').select(['incident_id', 'body']).execute()
  for (const [body, id] of ledger.updates) {
    const found = updates.filter((update) => update.body === body && update.incident_id === id).length
    if (found !== 1) faults.push(`the update “${body}” is there ${found} times`)
  }
  const incidents = new Map((await db.selectFrom('incidents').selectAll().execute()).map((row) => [row.id, row]))
  for (const [id, count] of ledger.acknowledged) {
    if (!incidents.get(id)?.acknowledged_at) faults.push(`incident ${id} is not acknowledged`)
    expectAudit('ACKNOWLEDGE_INCIDENT', `incident:${id}`, count)
  }
  for (const [id, count] of ledger.resolved) {
    if (!incidents.get(id)?.resolved_at) faults.push(`incident ${id} is not resolved`)
    expectAudit('RESOLVE_INCIDENT', `incident:${id}`, count)
  }
  for (const [monitorId, sentAt] of ledger.beats) {
    const { heartbeat_last_received_at: received } = await db
      .selectFrom('monitor_states')
      .select('heartbeat_last_received_at')
      .where('monitor_id', '=', monitorId)
      .executeTakeFirstOrThrow()
    if (received === null || +received < sentAt) faults.push(`monitor ${monitorId} lost an acknowledged heartbeat`)
  }
  return faults
}

/** Every event has reached the subscriber, in the order in which things happened to a monitor, each try under its own id. */
export async function judgeEvents(database: Database, { events }: Sinks): Promise<Faults> {
  const faults: string[] = []
  const { rows } = await database.executeSql(
    'SELECT event_id, subject, status, attempt, subscription_id FROM webhook_deliveries ORDER BY occurred_at, id',
  )
  const planned = new Set(rows.map((row) => String(row['event_id'])))
  const { rows: incidents } = await database.executeSql('SELECT id, resolved_at FROM incidents')
  for (const { id, resolved_at } of incidents) {
    if (!planned.has(`incident.${id}.opened`)) faults.push(`no event tells that incident ${id} was opened`)
    if (resolved_at !== null && !planned.has(`incident.${id}.resolved`)) faults.push(`no event tells of its end: ${id}`)
  }
  const undelivered = rows.filter((row) => row['status'] !== 'delivered' || !events.taken.has(String(row['event_id'])))
  if (undelivered.length > 0) faults.push(`${undelivered.length} events did not arrive`)
  if (new Set(events.deliveryIds).size < events.deliveryIds.length) faults.push('a delivery id was used twice')
  const subjects = new Map(rows.map((row) => [String(row['event_id']), String(row['subject'])]))
  const inOrder = Map.groupBy(rows, (row) => String(row['subject']))
  const arrived = Map.groupBy(events.taken, (id) => subjects.get(id))
  for (const [subject, expected] of inOrder) {
    const ids = expected.map((row) => String(row['event_id']))
    const found = arrived.get(subject) ?? []
    const first = ids.findIndex((id, index) => found[index] !== id)
    if (first >= 0) faults.push(`${subject}: ${found[first]} arrived where ${ids[first]} was to come`)
  }
  return faults
}
