import type { JobRun } from '@owlery/server/jobs/jobs.ts'
import { planAlerts } from '@owlery/server/uptime/alerts.plan.ts'
import { sendAlertJob } from '@owlery/server/uptime/alerts.send.ts'
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { createCast } from '../support/actors.ts'
import { announceIncident, deliveriesOf, eventOf, openIncident } from '../support/incidents.ts'
import { website } from '../support/monitors.ts'
import { freshService } from '../support/service.ts'
import { startMailSink } from '../support/sinks-smtp.ts'

let refusal: string | undefined
const mail = await startMailSink((command) => (command.startsWith('RCPT') ? refusal : undefined))
const service = await freshService({
  env: { SMTP_URL: `smtp://127.0.0.1:${mail.port}` },
  // Mails wait by this clock, and the queue goes by the database's: no job begins before it is told to.
  now: new Date(Date.now() + 3_600_000),
})
const { services } = service
const { db } = services.database
const cast = await createCast(service)
const { monitors } = service.client(cast.owner.session).uptime
const ours = cast.owner.organizationId
const send = sendAlertJob(services)
await service.startJobs()
afterAll(() => mail[Symbol.asyncDispose]())
beforeEach(() => {
  refusal = undefined
})

const run: JobRun = { id: 'by hand', attempt: 1, signal: new AbortController().signal }
const subjects = (since = 0) => mail.mails.slice(since).map((text) => /^Subject: (.*)$/m.exec(text)?.[1]?.trim())

/** Monitors that mail to the address, each with an incident that its alerts are planned for. */
async function troubled(alertEmail: string, count: number): Promise<number[]> {
  const { monitors: created } = await monitors.bulkCreate({
    monitors: Array.from({ length: count }, () => website({ alertEmail })),
  })
  const ids: number[] = []
  for (const { id, name } of created) {
    const incidentId = await openIncident(service, ours, { monitorId: id, monitorName: name })
    await planAlerts(
      services,
      eventOf(service, { organizationId: ours, incidentId, monitorId: id, type: 'incident.opened' }),
    )
    ids.push(incidentId)
  }
  return ids
}

async function sendAll(incidentIds: readonly number[]): Promise<void> {
  for (const incidentId of incidentIds) {
    for (const { id } of await deliveriesOf(service, incidentId)) await send({ deliveryId: id }, run)
  }
}

async function statesOf(incidentIds: readonly number[]) {
  const rows = await Promise.all(incidentIds.map((id) => deliveriesOf(service, id)))
  return rows.flat().map(({ status, attempts }) => `${status} ${attempts}`)
}

describe('mails to one address', () => {
  it('are one each up to five a minute', async () => {
    const before = mail.mails.length
    const ids = await troubled('few@example.org', 5)
    await sendAll(ids)
    expect(subjects(before)).toHaveLength(5)
    expect(subjects(before).every((subject) => subject?.startsWith('DOWN: website'))).toBe(true)
    expect(await statesOf(ids)).toEqual(ids.map(() => 'sent 1'))
  })

  it('are one in all when they are more, and the next one comes a minute later', async () => {
    const before = mail.mails.length
    const first = await troubled('many@example.org', 6)
    await sendAll(first)
    expect(subjects(before)).toEqual(['6 alerts: 6 in trouble'])
    expect(await statesOf(first)).toEqual(first.map(() => 'sent 1'))
    const second = await troubled('many@example.org', 2)
    await sendAll(second)
    expect(await statesOf(second)).toEqual(['pending 0', 'pending 0'])
    service.clock.advance(59_000)
    await sendAll(second)
    expect(subjects(before)).toHaveLength(1)
    service.clock.advance(1000)
    await sendAll(second)
    expect(
      subjects(before)
        .slice(1)
        .map((subject) => subject?.split(':')[0]),
    ).toEqual(['DOWN', 'DOWN'])
    expect(await statesOf(second)).toEqual(['sent 1', 'sent 1'])
  })

  it('wait for nobody else’s, and are never put together with another organization’s', async () => {
    const before = mail.mails.length
    const ids = await troubled('shared@example.org', 4)
    const others = await troubled('other@example.org', 4)
    const { stranger } = cast
    const theirs = await service
      .client(stranger.session)
      .uptime.monitors.create(website({ alertEmail: 'shared@example.org' }))
    const told = { organizationId: stranger.organizationId, monitorId: theirs.id }
    const incidentId = await openIncident(service, stranger.organizationId, { monitorId: theirs.id })
    await planAlerts(services, eventOf(service, { ...told, incidentId, type: 'incident.opened' }))
    await sendAll([...ids, ...others, incidentId])
    expect(subjects(before)).toHaveLength(9)
    expect(subjects(before).every((subject) => subject?.startsWith('DOWN: '))).toBe(true)
  })

  it('that the server refuses are tried again together, and given up after three tries', async () => {
    const ids = await troubled('refused@example.org', 7)
    refusal = '450 not now'
    await sendAll(ids)
    expect(await statesOf(ids)).toEqual(ids.map(() => 'pending 1'))
    await sendAll(ids)
    expect(await statesOf(ids)).toEqual(ids.map(() => 'pending 1'))
    service.clock.advance(120_000)
    await sendAll(ids)
    expect(await statesOf(ids)).toEqual(ids.map(() => 'pending 2'))
    service.clock.advance(120_000)
    await sendAll(ids)
    expect(await statesOf(ids)).toEqual(ids.map(() => 'failed 3'))
    const rows = await deliveriesOf(service, ids[0] ?? 0)
    expect(rows[0]?.error_message).toBe('the mail server answered 450 not now')
  })
})

describe('five hundred incidents at once', () => {
  it('are each there once, each told of once, in a handful of mails', async () => {
    const before = mail.mails.length
    const monitorIds: number[] = []
    for (let batch = 0; batch < 5; batch++) {
      const made = await monitors.bulkCreate({
        monitors: Array.from({ length: 100 }, () => website({ alertEmail: 'storm@example.org' })),
      })
      monitorIds.push(...made.monitors.map(({ id }) => id))
    }
    const ids: number[] = []
    for (const monitorId of monitorIds) ids.push(await announceIncident(service, ours, { monitorId }))
    const planned = async () => {
      const rows = await db
        .selectFrom('incident_deliveries')
        .select('incident_id')
        .where('incident_id', 'in', ids)
        .execute()
      expect(rows).toHaveLength(500)
    }
    await vi.waitFor(planned, { timeout: 60_000, interval: 200 })
    await services.database.executeSql(`UPDATE jobs.job SET start_after = now() WHERE name = 'alert.send'`)
    await vi.waitFor(
      async () => {
        const [first] = ids
        expect(await deliveriesOf(service, first ?? 0)).toMatchObject([{ status: 'sent' }])
      },
      { timeout: 20_000, interval: 100 },
    )
    expect(subjects(before)).toEqual(['500 alerts: 500 in trouble'])
    expect(mail.mails.at(-1)).toContain('and 400 more')
    expect(await statesOf(ids)).toEqual(ids.map(() => 'sent 1'))
    const open = await db.selectFrom('incidents').select('monitor_id').where('monitor_id', 'in', monitorIds).execute()
    expect(new Set(open.map(({ monitor_id }) => monitor_id)).size).toBe(500)
    expect(open).toHaveLength(500)
    // Every other job finds its delivery sent; one that looked while it was being sent looks again later.
    await vi.waitFor(
      async () => {
        await services.database.executeSql(`UPDATE jobs.job SET start_after = now() WHERE name = 'alert.send'`)
        const { rows } = await services.database.executeSql(
          `SELECT count(*)::integer AS waiting FROM jobs.job WHERE name = 'alert.send' AND state < 'completed'
          AND (data ->> 'deliveryId')::integer IN (SELECT id FROM incident_deliveries WHERE status = 'sent')`,
        )
        expect(rows).toEqual([{ waiting: 0 }])
      },
      { timeout: 60_000, interval: 200 },
    )
    expect(subjects(before)).toHaveLength(1)
  }, 180_000)
})
