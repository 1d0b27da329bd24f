import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { dueMonitor, eventsOf, incidentsOf, makeDue, newOwner, stateOf } from '../support/engine.ts'
import { openIncident } from '../support/incidents.ts'
import { codeOf } from '../support/monitors.ts'
import { freshService } from '../support/service.ts'
import { startHttpSink } from '../support/sinks-http.ts'

const service = await freshService({ env: { OUTBOUND_ALLOW: '127.0.0.0/8' } })
await service.services.queue.start()
const owner = await newOwner(service)
const { monitors, incidents } = service.client(owner.session).uptime
const { engine, database } = service.services

let answersWith = 200
const sink = await startHttpSink((_request, response) => void response.writeHead(answersWith).end())
const target = { url: sink.url, type: 'http', intervalSec: 60 } as const

/** Until somebody waits for a lock; the embedded database has one connection, on which nobody can. */
async function somebodyWaits(): Promise<void> {
  for (let waiting = database.kind === 'pglite' ? 1 : 0; waiting === 0; ) {
    const { rows } = await sql<{ waiting: number }>`
      SELECT count(*)::integer AS waiting FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock'`.execute(database.db)
    waiting = rows[0]?.waiting ?? 0
  }
}

describe('at the same moment', () => {
  test('a monitor is deleted and its incident opens: nothing stays open that nobody could end', async () => {
    const id = await dueMonitor(service, owner, target)
    const { deleted, incidentId } = await database.db.transaction().execute(async (tx) => {
      await sql`SELECT 1 FROM monitor_states WHERE monitor_id = ${id} FOR UPDATE`.execute(tx)
      const deleted = codeOf(monitors.delete(id))
      await somebodyWaits()
      const { id: incidentId } = await tx
        .insertInto('incidents')
        .values({
          ...{ organization_id: owner.organizationId, monitor_id: id, monitor_name: 'Shop', title: 'Shop is down' },
          ...{ cause: 'down', severity: 'major', started_at: service.clock.now() },
        })
        .returning('id')
        .executeTakeFirstOrThrow()
      return { deleted, incidentId }
    })
    expect(await deleted).toBe('ok')
    expect(await incidents.get(incidentId)).toMatchObject({ monitorId: null, status: 'resolved', autoResolved: true })
  })

  test('a good check and a person resolve an incident, and another acknowledges it: it ends once', async () => {
    for (let round = 0; round < 5; round += 1) {
      const id = await dueMonitor(service, owner, target)
      answersWith = 500
      await engine.runDue()
      const incidentId = (await incidentsOf(service, id))[0]?.id ?? 0
      answersWith = 200
      await makeDue(service, id)
      const calls = [
        codeOf(incidents.resolve(incidentId)),
        codeOf(incidents.acknowledge(incidentId)),
        codeOf(incidents.createUpdate(incidentId, { status: 'resolved', body: 'It is over.' })),
      ]
      const [, ...codes] = await Promise.all([engine.runDue(), ...calls])
      expect(codes[0]).toBe('ok')
      for (const code of codes) expect(['ok', 'INCIDENT_ALREADY_RESOLVED']).toContain(code)
      const told = (await eventsOf(service, id)).map(({ type }) => type)
      expect(told.filter((type) => type === 'incident.resolved')).toHaveLength(1)
      expect(await incidentsOf(service, id)).toMatchObject([{ status: 'resolved' }])
      expect(await stateOf(service, id)).toMatchObject({ last_status: 'up', consecutive_failures: 0 })
    }
  })
})

describe('a check that is on its way while somebody resolves the incident', () => {
  test('opens no other one, which the next may do', async () => {
    answersWith = 500
    const id = await dueMonitor(service, owner, target)
    await engine.runDue()
    const incidentId = (await incidentsOf(service, id))[0]?.id ?? 0
    await using slow = await startHttpSink(async (_request, response) => {
      service.clock.advance(1000)
      await incidents.resolve(incidentId)
      response.writeHead(500).end()
    })
    // Past the interface, where a change of the target makes what is on its way void.
    await database.db.updateTable('monitors').set({ url: slow.url }).where('id', '=', id).execute()
    await makeDue(service, id)
    await engine.runDue()
    expect(await incidentsOf(service, id)).toMatchObject([{ status: 'resolved', auto_resolved: false }])
    expect(await stateOf(service, id)).toMatchObject({ last_status: 'down', consecutive_failures: 0 })
    await database.db.updateTable('monitors').set({ url: sink.url }).where('id', '=', id).execute()
    service.clock.advance(60_000)
    await engine.runDue()
    expect(await incidentsOf(service, id)).toHaveLength(2)
  })
})

describe('an incident whose monitor is deleted', () => {
  test('is another version of itself, open or not', async () => {
    const { id, name } = await monitors.create({ ...target, name: 'deleted with its incidents' })
    const seed = { monitorId: id, monitorName: name }
    const over = await openIncident(service, owner.organizationId, seed)
    await incidents.resolve(over)
    const open = await openIncident(service, owner.organizationId, seed)
    const versionsOf = () =>
      Promise.all(
        [over, open].map(async (one) => (await incidents.get(one).withResponse()).response.headers.get('etag')),
      )
    expect(await versionsOf()).toEqual(['"2"', '"1"'])
    await monitors.delete(id)
    expect(await versionsOf()).toEqual(['"3"', '"2"'])
  })
})
