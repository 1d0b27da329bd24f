import type { Database } from '@owlery/server/db/connect.ts'
import type { Received, Sinks } from './crash-sinks.ts'
import type { Faults } from './crash-verdict.ts'

type Delivery = {
  readonly incident: number
  readonly monitor: string
  readonly transition: string
  readonly channel: string
  readonly status: string
  readonly attempts: number
  readonly error: string | null
  readonly acknowledgedAt: Date | null
}

export type AlertCount = { readonly faults: Faults; readonly alerts: number; readonly again: number }

/**
 * Every alert is recorded, was taken at least once, and was sent at most as often as its attempts say, each time under
 * another number.
 */
export async function judgeAlerts(database: Database, sinks: Sinks): Promise<AlertCount> {
  const rows = await deliveriesOf(database)
  const faults = [...(await findUnplanned(database, rows))]
  let again = 0
  for (const row of rows.filter(({ channel }) => channel !== 'email')) {
    const name = nameOf(row)
    const received = sinks.alerts.get(name)
    again += Math.max(0, (received?.taken ?? 0) - 1)
    if (row.status !== 'sent' && !isExcused(row)) faults.push(`${name}: ${row.status}, ${row.error}`)
    if (row.status === 'sent' && !received?.taken) faults.push(`${name}: recorded as sent, and never arrived`)
    if (received !== undefined) faults.push(...judgeTries(name, row, received))
  }
  const known = new Set(rows.map(nameOf))
  const unknown = [...sinks.alerts.keys()].filter((name) => !known.has(name))
  if (unknown.length > 0) faults.push(`nothing is recorded of ${unknown.slice(0, 3).join(', ')}`)
  return { faults: [...faults, ...judgeMails(rows, sinks)], alerts: rows.length, again }
}

function judgeTries(name: string, { channel, attempts }: Delivery, { requests, tries }: Received): Faults {
  const faults: string[] = []
  if (requests > attempts) faults.push(`${name}: ${attempts} attempts are recorded, and ${requests} arrived`)
  if (channel !== 'webhook') return faults
  if (new Set(tries).size < tries.length) faults.push(`${name}: arrived twice as the same attempt: ${tries}`)
  if (tries.some((number) => !(number >= 1 && number <= attempts))) faults.push(`${name}: attempts ${tries}`)
  return faults
}

/** Mails about several incidents name only the monitors, so mails are counted by monitor. */
function judgeMails(rows: readonly Delivery[], sinks: Sinks): Faults {
  const mails = rows.filter(({ channel }) => channel === 'email')
  const groups = Map.groupBy(mails, ({ monitor, transition }) => `${monitor} ${transition}`)
  return [...groups].flatMap(([key, group]) => {
    const single = group.map((row) => sinks.alerts.get(nameOf(row)))
    const grouped = sinks.grouped.get(key) ?? 0
    const taken = grouped + single.reduce((sum, one) => sum + (one?.taken ?? 0), 0)
    const requests = grouped + single.reduce((sum, one) => sum + (one?.requests ?? 0), 0)
    const sent = group.filter(({ status }) => status === 'sent').length
    const attempts = group.reduce((sum, row) => sum + row.attempts, 0)
    const failed = group.filter((row) => row.status !== 'sent' && !isExcused(row))
    return [
      ...failed.map((row) => `${nameOf(row)}: ${row.status}, ${row.error}`),
      ...(taken < sent ? [`mails of ${key}: ${sent} recorded as sent, ${taken} arrived`] : []),
      ...(requests > attempts ? [`mails of ${key}: ${attempts} attempts are recorded, ${requests} arrived`] : []),
    ]
  })
}

const nameOf = ({ channel, incident, transition }: Delivery) => `${channel} ${incident} ${transition}`

/** A try failed or was lost, and before the next one somebody said that he knows. */
function isExcused({ status, transition, attempts, acknowledgedAt }: Delivery): boolean {
  return status === 'failed' && transition === 'opened' && attempts > 0 && acknowledgedAt !== null
}

async function deliveriesOf({ db }: Database): Promise<Delivery[]> {
  return db
    .selectFrom('incident_deliveries')
    .innerJoin('incidents', 'incidents.id', 'incident_id')
    .select(['incident_id as incident', 'monitor_name as monitor', 'transition', 'channel', 'attempts'])
    .select(['incident_deliveries.status', 'incident_deliveries.error_message as error'])
    .select('acknowledged_at as acknowledgedAt')
    .execute()
}

/** Each monitor has a webhook and PagerDuty; who is told of the beginning is told of the end. */
async function findUnplanned(database: Database, rows: readonly Delivery[]): Promise<Faults> {
  const planned = new Set(rows.map(nameOf))
  const { rows: incidents } = await database.executeSql('SELECT id, resolved_at FROM incidents')
  return incidents.flatMap(({ id, resolved_at }) => {
    const transitions = resolved_at === null ? ['opened'] : ['opened', 'resolved']
    const wanted = ['webhook', 'pagerduty'].flatMap((channel) => transitions.map((one) => `${channel} ${id} ${one}`))
    return wanted.filter((name) => !planned.has(name)).map((name) => `${name} was not planned`)
  })
}
