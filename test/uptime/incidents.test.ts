import { afterAll, describe, expect, it } from 'vitest'
import { createCast, createToken } from '../support/actors.ts'
import { eventsOf, monitorWithIncident, openIncident } from '../support/incidents.ts'
import { auditOf, codeOf, sendJson } from '../support/monitors.ts'
import { freshService } from '../support/service.ts'

const service = await freshService()
// Without workers, so that every event is still there to be looked at.
await service.services.queue.start()
afterAll(() => service.services.queue.stop(1000))
const cast = await createCast(service)
const { incidents } = service.client(cast.member.session).uptime
const ours = cast.member.organizationId

const projection = [
  ...['acknowledgedAt', 'acknowledgedByUserId', 'autoResolved', 'cause', 'createdAt', 'errorMessage', 'id'],
  ...['logAlertId', 'monitorId', 'monitorName', 'postmortem', 'postmortemPublishedAt', 'resolvedAt'],
  ...['resolvedByUserId', 'severity', 'startedAt', 'status', 'suppressedById', 'title'],
]

describe('reading incidents', () => {
  it('shows one with exactly the published fields and its updates, the oldest first', async () => {
    const { monitorId, incidentId } = await monitorWithIncident(service, cast.member)
    const first = await incidents.createUpdate(incidentId, { status: 'identified', body: 'It is the disk.' })
    const second = await incidents.createUpdate(incidentId, { status: 'monitoring', body: 'The disk is replaced.' })
    const shown = await service.client(cast.viewer.session).uptime.incidents.get(incidentId)
    expect(Object.keys(shown).sort()).toEqual([...projection, 'updates'])
    expect(shown).toMatchObject({ id: incidentId, monitorId, status: 'monitoring', severity: 'major', cause: 'down' })
    expect(shown.updates).toEqual([first, second])
    expect(first).toMatchObject({ status: 'identified', body: 'It is the disk.', authorUserId: cast.member.userId })
    const [listed] = await incidents.list({ limit: 1 })
    expect(Object.keys(listed ?? {}).sort()).toEqual(projection)
  })

  it('answers 404 to another organization, whatever it wants of one', async () => {
    const id = await openIncident(service, ours)
    const theirs = service.client(cast.stranger.session).uptime.incidents
    const update = { status: 'identified', body: 'not mine' } as const
    const calls = [
      theirs.get(id),
      theirs.createUpdate(id, update),
      theirs.acknowledge(id),
      theirs.resolve(id),
      theirs.putPostmortem(id, { postmortem: 'x' }),
      theirs.listDeliveries(id),
    ]
    expect(await Promise.all(calls.map((call) => codeOf(call)))).toEqual(calls.map(() => 'NOT_FOUND'))
    expect(await theirs.list()).toEqual([])
    expect(await incidents.get(id)).toMatchObject({ status: 'investigating', acknowledgedAt: null, updates: [] })
  })

  it('lists the newest first, by status, monitor and time, page by page', async () => {
    const at = (day: number) => new Date(Date.UTC(2031, 0, day))
    const { monitorId, incidentId } = await monitorWithIncident(service, cast.member)
    await incidents.resolve(incidentId)
    const seeds = [1, 2, 3, 4].map((day) => ({ monitorId, startedAt: at(day), cause: 'down' as const }))
    const ids: number[] = []
    for (const seed of seeds) {
      const id = await openIncident(service, ours, seed)
      ids.push(id)
      if (ids.length < seeds.length) await incidents.resolve(id)
    }
    const [one = 0, two = 0, three = 0, four = 0] = ids
    const idsOf = async (query: Parameters<typeof incidents.list>[0]) =>
      (await incidents.list({ monitorId, ...query })).map(({ id }) => id)
    expect(await idsOf({})).toEqual([four, three, two, one, incidentId])
    expect(await idsOf({ status: 'open' })).toEqual([four])
    expect(await idsOf({ status: 'investigating' })).toEqual([four])
    expect(await idsOf({ status: 'monitoring' })).toEqual([])
    expect(await idsOf({ status: 'resolved' })).toEqual([three, two, one, incidentId])
    expect(await idsOf({ from: at(2).toISOString(), to: at(4).toISOString() })).toEqual([three, two])
    expect(await idsOf({ limit: 2 })).toEqual([four, three])
    expect(await idsOf({ limit: 2, offset: 1 })).toEqual([three, two])
    expect(await idsOf({ limit: 2, before: three })).toEqual([two, one])
    const all: number[] = []
    for await (const { id } of incidents.list({ monitorId, limit: 2 })) all.push(id)
    expect(all).toEqual([four, three, two, one, incidentId])
    const backwards = { from: at(2).toISOString(), to: at(1).toISOString() }
    expect(await codeOf(incidents.list(backwards))).toBe('BAD_TIME_RANGE')
    for (const query of ['status=closed', 'limit=201', 'limit=0', 'monitorId=x', 'from=yesterday', 'state=open']) {
      const answer = await sendJson(service, cast.member, 'GET', `/api/v1/incidents?${query}`)
      const fields = expect.arrayContaining([expect.objectContaining({ path: query.split('=')[0] })])
      expect(answer.json, query).toMatchObject({ code: 'VALIDATION_FAILED', fields })
    }
  })
})

describe('posting an update', () => {
  it('moves the incident to its status, tells of it and says who wrote it', async () => {
    const id = await openIncident(service, ours)
    const update = await incidents.createUpdate(id, { status: 'identified', body: 'A bad deployment.' })
    expect(await incidents.get(id)).toMatchObject({ status: 'identified', resolvedAt: null })
    const data = { updateId: update.id, status: 'identified' }
    expect(await eventsOf(service, id)).toMatchObject([
      { id: `incident.${id}.updated.${update.id}`, type: 'incident.updated', organizationId: ours, data },
    ])
    expect(await auditOf(service, `incident:${id}`)).toMatchObject([
      {
        action: 'CREATE_INCIDENT_UPDATE',
        actor_user_id: cast.member.userId,
        meta: { updateId: update.id, from: 'investigating', status: 'identified' },
      },
    ])
  })

  it('resolves it with the last one, which says so once', async () => {
    const id = await openIncident(service, ours)
    const update = await incidents.createUpdate(id, { status: 'resolved', body: 'Rolled back.' })
    expect(await incidents.get(id)).toMatchObject({
      status: 'resolved',
      resolvedAt: service.clock.now().toISOString(),
      resolvedByUserId: cast.member.userId,
      autoResolved: false,
    })
    expect(await eventsOf(service, id)).toMatchObject([
      { id: `incident.${id}.resolved`, type: 'incident.resolved', data: { autoResolved: false, updateId: update.id } },
    ])
    expect(await codeOf(incidents.createUpdate(id, { status: 'monitoring', body: 'Too late.' }))).toBe(
      'INCIDENT_ALREADY_RESOLVED',
    )
  })

  it('takes 1 to 5000 characters and one of the four statuses', async () => {
    const id = await openIncident(service, ours)
    expect(await codeOf(incidents.createUpdate(id, { status: 'identified', body: 'é'.repeat(5000) }))).toBe('ok')
    for (const [body, path] of [
      [{ status: 'identified' }, 'body'],
      [{ body: 'text' }, 'status'],
      [{ status: 'identified', body: '' }, 'body'],
      [{ status: 'identified', body: 'é'.repeat(5001) }, 'body'],
      [{ status: 'open', body: 'text' }, 'status'],
      [{ status: 'identified', body: 'text', public: true }, 'public'],
    ] as const) {
      const answer = await sendJson(service, cast.member, 'POST', `/api/v1/incidents/${id}/updates`, body)
      expect(answer.json).toMatchObject({ code: 'VALIDATION_FAILED', fields: [{ path }] })
    }
  })
})

describe('acknowledging', () => {
  it('says who is at it, leaves it open, and changes nothing the second time', async () => {
    const id = await openIncident(service, ours)
    const first = await incidents.acknowledge(id)
    expect(first).toMatchObject({
      status: 'investigating',
      acknowledgedAt: service.clock.now().toISOString(),
      acknowledgedByUserId: cast.member.userId,
      resolvedAt: null,
    })
    service.clock.advance(1000)
    expect(await service.client(cast.admin.session).uptime.incidents.acknowledge(id)).toEqual(first)
    expect(await eventsOf(service, id)).toMatchObject([
      { id: `incident.${id}.acknowledged`, type: 'incident.acknowledged', incidentId: id },
    ])
    expect(await auditOf(service, `incident:${id}`)).toMatchObject([
      { action: 'ACKNOWLEDGE_INCIDENT', meta: { isRepeated: false } },
      { action: 'ACKNOWLEDGE_INCIDENT', meta: { isRepeated: true }, actor_user_id: cast.admin.userId },
    ])
    await incidents.resolve(id)
    expect(await codeOf(incidents.acknowledge(id))).toBe('INCIDENT_ALREADY_RESOLVED')
  })

  it('happens once, however many ask at the same time', async () => {
    const id = await openIncident(service, ours)
    const answers = await Promise.all(Array.from({ length: 20 }, () => incidents.acknowledge(id)))
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
    expect(await eventsOf(service, id)).toHaveLength(1)
  })
})

describe('resolving', () => {
  it('ends it by hand, with or without a last word', async () => {
    const [silent, spoken] = [await openIncident(service, ours), await openIncident(service, ours)]
    const resolved = await incidents.resolve(silent)
    expect(resolved).toMatchObject({ status: 'resolved', autoResolved: false, resolvedByUserId: cast.member.userId })
    expect((await incidents.get(silent)).updates).toEqual([])
    await incidents.resolve(spoken, { body: 'It answers again.' })
    const { updates } = await incidents.get(spoken)
    expect(updates).toMatchObject([{ status: 'resolved', body: 'It answers again.' }])
    expect(await eventsOf(service, spoken)).toMatchObject([
      { type: 'incident.resolved', data: { autoResolved: false, updateId: updates[0]?.id } },
    ])
  })

  it('takes no body at all, with or without its type, or an empty object, but no text without a type', async () => {
    const headers = { authorization: `Bearer ${cast.member.session}` }
    const typed = { ...headers, 'content-type': 'application/json' }
    for (const init of [{ headers }, { headers: typed }, { headers: typed, body: '{}' }]) {
      const path = `/api/v1/incidents/${await openIncident(service, ours)}/resolve`
      expect((await service.send(`http://owlery.test${path}`, { method: 'POST', ...init })).status).toBe(200)
      const untyped = new TextEncoder().encode('{}')
      const refused = await service.send(`http://owlery.test${path}`, { method: 'POST', headers, body: untyped })
      expect(refused.status).toBe(415)
    }
  })

  it('changes nothing the second time', async () => {
    const id = await openIncident(service, ours)
    const first = await incidents.resolve(id)
    service.clock.advance(1000)
    expect(await incidents.resolve(id, { body: 'Again.' })).toEqual(first)
    expect((await incidents.get(id)).updates).toEqual([])
    expect(await eventsOf(service, id)).toHaveLength(1)
  })

  it('lets the next incident of the monitor open', async () => {
    const { monitorId, incidentId } = await monitorWithIncident(service, cast.member)
    await expect(openIncident(service, ours, { monitorId })).rejects.toThrow('incidents_one_open')
    await incidents.resolve(incidentId)
    expect(await openIncident(service, ours, { monitorId })).toBeGreaterThan(incidentId)
  })
})

describe('the postmortem', () => {
  it('is written, kept with the moment it was first published, and removed', async () => {
    const id = await openIncident(service, ours)
    await incidents.resolve(id)
    const published = service.clock.now().toISOString()
    const first = await incidents.putPostmortem(id, { postmortem: '# Why\n\n<script>alert(1)</script>' })
    expect(first).toMatchObject({ postmortem: '# Why\n\n<script>alert(1)</script>', postmortemPublishedAt: published })
    service.clock.advance(60_000)
    const second = await incidents.putPostmortem(id, { postmortem: '😀'.repeat(50_000) })
    expect(second.postmortemPublishedAt).toBe(published)
    expect(await incidents.putPostmortem(id, { postmortem: null })).toMatchObject({
      postmortem: null,
      postmortemPublishedAt: null,
    })
    const tooLong = await sendJson(service, cast.member, 'PUT', `/api/v1/incidents/${id}/postmortem`, {
      postmortem: 'a'.repeat(50_001),
    })
    expect(tooLong.json).toMatchObject({ code: 'VALIDATION_FAILED', fields: [{ path: 'postmortem' }] })
    const rows = (await auditOf(service, `incident:${id}`)).slice(1)
    expect(rows.map(({ action }) => action)).toEqual(Array(3).fill('UPDATE_INCIDENT_POSTMORTEM'))
    expect(JSON.stringify(rows)).not.toContain('script')
  })
})

describe('If-Match', () => {
  it('lets nobody change what they have not seen', async () => {
    const id = await openIncident(service, ours)
    const read = await incidents.get(id).withResponse()
    expect(read.response.headers.get('etag')).toBe('"1"')
    const seen = { headers: { 'If-Match': '"1"' } }
    const acknowledged = await incidents.acknowledge(id, seen).withResponse()
    expect(acknowledged.response.headers.get('etag')).toBe('"2"')
    expect(await codeOf(incidents.acknowledge(id, seen))).toBe('PRECONDITION_FAILED')
    expect(await codeOf(incidents.resolve(id, undefined, seen))).toBe('PRECONDITION_FAILED')
    expect(await codeOf(incidents.createUpdate(id, { status: 'identified', body: 'x' }, seen))).toBe(
      'PRECONDITION_FAILED',
    )
    expect(await codeOf(incidents.putPostmortem(id, { postmortem: 'x' }, seen))).toBe('PRECONDITION_FAILED')
    expect(await incidents.get(id)).toMatchObject({ resolvedAt: null, postmortem: null, updates: [] })
    expect(await codeOf(incidents.resolve(id, undefined, { headers: { 'If-Match': '"2"' } }))).toBe('ok')
  })
})

describe('what it takes', () => {
  it('is the scope to read or to write, and a role above viewer to write', async () => {
    const id = await openIncident(service, ours)
    const reader = await createToken(service, cast.member, { scopes: ['incidents:read'] })
    const writer = await createToken(service, cast.member, { scopes: ['incidents:write'] })
    expect(await codeOf(service.client(reader.token).uptime.incidents.get(id))).toBe('ok')
    expect(await codeOf(service.client(reader.token).uptime.incidents.acknowledge(id))).toBe('PAT_SCOPE_INSUFFICIENT')
    expect(await codeOf(service.client(writer.token).uptime.incidents.get(id))).toBe('PAT_SCOPE_INSUFFICIENT')
    expect(await codeOf(service.client(cast.viewer.session).uptime.incidents.acknowledge(id))).toBe('ROLE_INSUFFICIENT')
    expect(await codeOf(service.client(writer.token).uptime.incidents.acknowledge(id))).toBe('ok')
    expect((await auditOf(service, `incident:${id}`)).at(-1)).toMatchObject({ actor_pat_id: writer.id })
  })

  it('is done once under an Idempotency-Key', async () => {
    const id = await openIncident(service, ours)
    const once = { idempotencyKey: 'an update of an agent' }
    const body = { status: 'identified', body: 'It is the disk.' } as const
    const first = await incidents.createUpdate(id, body, once)
    expect(await incidents.createUpdate(id, body, once)).toEqual(first)
    expect((await incidents.get(id)).updates).toHaveLength(1)
    expect(await eventsOf(service, id)).toHaveLength(1)
  })
})
