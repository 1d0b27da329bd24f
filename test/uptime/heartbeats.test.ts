import { expect, test } from 'vitest'
import { createCast } from '../support/actors.ts'
import { website } from '../support/monitors.ts'
import { freshService, origin } from '../support/service.ts'

const service = await freshService()
const cast = await createCast(service)
const { db } = service.services.database
const { monitors, checkHistory, maintenanceWindows } = service.client(cast.owner.session).uptime
// Events go through the queue, in the transaction that makes them happen.
await service.services.queue.start()

const urlOf = (token: string) => `${origin}/api/v1/heartbeats/${token}`

async function heartbeat(more: Parameters<typeof website>[0] = {}) {
  const { id } = await monitors.create(website({ type: 'heartbeat', url: 'nightly backup', ...more }))
  const { heartbeatToken } = await monitors.rotateHeartbeatToken(id)
  return { id, token: heartbeatToken }
}

async function goDown(monitorId: number): Promise<number> {
  await db
    .updateTable('monitor_states')
    .set({ last_status: 'down', consecutive_failures: 3 })
    .where('monitor_id', '=', monitorId)
    .execute()
  const { id } = await db
    .insertInto('incidents')
    .values({
      organization_id: cast.owner.organizationId,
      monitor_id: monitorId,
      cause: 'down',
      monitor_name: 'backup',
      title: 'backup is down',
      severity: 'major',
      started_at: service.clock.now(),
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

async function eventsOf(monitorId: number): Promise<unknown[]> {
  const { rows } = await service.services.database.executeSql(
    `SELECT data->>'id' AS id FROM jobs.job WHERE name = 'uptime.event' AND (data->>'monitorId')::integer = $1 ORDER BY 1`,
    [monitorId],
  )
  return rows.map(({ id }) => id)
}

test.each(['POST', 'HEAD'])('%s is answered with nothing once the heartbeat is stored', async (method) => {
  const { id, token } = await heartbeat()
  const answer = await service.fetch(urlOf(token), { method })
  expect(answer.status).toBe(204)
  expect(await answer.text()).toBe('')
  expect(await monitors.get(id)).toMatchObject({
    lastStatus: 'up',
    heartbeatLastReceivedAt: service.clock.now().toISOString(),
  })
})

test('a body is not read, whatever it is', async () => {
  const { token } = await heartbeat()
  const body = '{ not json'
  const answer = await service.fetch(urlOf(token), { method: 'POST', body, headers: { 'content-encoding': 'zstd' } })
  expect(answer.status).toBe(204)
})

test('unknown, malformed and replaced tokens are the same', async () => {
  const { id, token } = await heartbeat()
  await monitors.rotateHeartbeatToken(id)
  const answers = new Set<string>()
  for (const wrong of [
    token,
    'f'.repeat(64),
    'F'.repeat(64),
    token.toUpperCase(),
    'x',
    `${token}0`,
    'a'.repeat(5000),
  ]) {
    const head = await service.fetch(urlOf(wrong), { method: 'HEAD' })
    expect(head.status).toBe(404)
    const answer = await service.fetch(urlOf(wrong), { method: 'POST' })
    const body = await answer.text()
    answers.add(`${answer.status} ${body.replace(answer.headers.get('x-request-id') ?? '', '')}`)
  }
  expect([...answers]).toEqual(['404 {"error":"Not found","code":"NOT_FOUND","requestId":""}'])
  expect((await monitors.get(id)).heartbeatLastReceivedAt).toBeNull()
})

test.each(['GET', 'PUT', 'PATCH', 'DELETE'])('%s is not allowed', async (method) => {
  const { id, token } = await heartbeat()
  const answer = await service.send(urlOf(token), { method })
  expect(answer.status).toBe(405)
  expect(answer.headers.get('allow')).toBe('HEAD, OPTIONS, POST')
  expect(await answer.json()).toMatchObject({ code: 'METHOD_NOT_ALLOWED' })
  expect((await monitors.get(id)).heartbeatLastReceivedAt).toBeNull()
})

test('after silence the monitor is up, its incident resolved and everybody told, once', async () => {
  const { id, token } = await heartbeat()
  const incident = await goDown(id)
  await Promise.all(Array.from({ length: 8 }, () => service.fetch(urlOf(token), { method: 'POST' })))
  expect(await monitors.get(id)).toMatchObject({ lastStatus: 'up', consecutiveFailures: 0 })
  const row = await db.selectFrom('incidents').selectAll().where('id', '=', incident).executeTakeFirstOrThrow()
  expect(row).toMatchObject({ status: 'resolved', auto_resolved: true, resolved_at: service.clock.now() })
  expect(await eventsOf(id)).toEqual([
    `incident.${incident}.resolved`,
    expect.stringMatching(`^monitor\\.${id}\\.status_changed`),
  ])
})

test('what changes is in the history of the monitor, once, and what does not is not', async () => {
  const { id, token } = await heartbeat()
  await service.fetch(urlOf(token), { method: 'POST' })
  await service.fetch(urlOf(token), { method: 'POST' })
  const first = { status: 'up', region: 'local', responseTimeMs: null, errorMessage: null, inMaintenance: false }
  expect(await checkHistory.list(id)).toMatchObject([first])
  await goDown(id)
  service.clock.advance(60_000)
  const now = service.clock.now().getTime()
  const [startsAt, endsAt] = [now - 1000, now + 60_000].map((time) => new Date(time).toISOString())
  await maintenanceWindows.create({ title: 'Move', monitorIds: [id], startsAt: startsAt ?? '', endsAt: endsAt ?? '' })
  await Promise.all(Array.from({ length: 4 }, () => service.fetch(urlOf(token), { method: 'POST' })))
  expect(await checkHistory.list(id)).toMatchObject([{ ...first, inMaintenance: true }, first])
  const counted = await db.selectFrom('check_rollups_daily').selectAll().where('monitor_id', '=', id).execute()
  expect(counted).toMatchObject([{ up: 1, degraded: 0, down: 0, in_maintenance: 1, response_count: 0 }])
})

test('while it is paused a heartbeat is noted and changes nothing else', async () => {
  const { id, token } = await heartbeat()
  const incident = await goDown(id)
  await monitors.update(id, { paused: true })
  expect((await service.fetch(urlOf(token), { method: 'POST' })).status).toBe(204)
  expect(await monitors.get(id)).toMatchObject({
    lastStatus: 'down',
    heartbeatLastReceivedAt: service.clock.now().toISOString(),
  })
  const row = await db.selectFrom('incidents').select('resolved_at').where('id', '=', incident).executeTakeFirst()
  expect(row?.resolved_at).toBeNull()
  expect(await eventsOf(id)).toEqual([])
})

test('a flood over many monitors reaches each of them, and a wrong one among them fails alone', async () => {
  const beats = await Promise.all(Array.from({ length: 20 }, () => heartbeat()))
  const urls = Array.from({ length: 200 }, (_, index) => {
    return index % 21 === 20 ? urlOf('0'.repeat(64)) : urlOf(beats[index % 21]?.token ?? '')
  })
  const answers = await Promise.all(urls.map((url) => service.fetch(url, { method: 'POST' })))
  expect(answers.map(({ status }) => status)).toEqual(urls.map((url) => (url.endsWith('0'.repeat(64)) ? 404 : 204)))
  for (const { id } of beats) expect((await monitors.get(id)).lastStatus).toBe('up')
})

test('leaves no audit rows', async () => {
  const count = async () => (await db.selectFrom('audit_logs').select('id').execute()).length
  const { token } = await heartbeat()
  const before = await count()
  await service.fetch(urlOf(token), { method: 'POST' })
  expect(await count()).toBe(before)
})
