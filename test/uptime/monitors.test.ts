import { describe, expect, it } from 'vitest'
import { createCast, createToken } from '../support/actors.ts'
import { auditOf, codeOf, pathsOf, sendJson, website } from '../support/monitors.ts'
import { freshService, origin } from '../support/service.ts'

const service = await freshService()
const cast = await createCast(service)
const { monitors } = service.client(cast.member.session).uptime

const projection = [
  ...['alertEmail', 'alertOnDegraded', 'alertThreshold', 'consecutiveFailures', 'createdAt', 'degradedResponseTimeMs'],
  ...['dependsOn'],
  ...['escalationPolicyId', 'expectedStatusCode', 'hasAlertDiscord', 'hasAlertMsteams', 'hasAlertOpsgenie'],
  ...['hasAlertPagerduty', 'hasAlertSlack', 'hasAlertSms', 'hasAlertTelegram', 'hasAlertVoice', 'hasAlertWebhook'],
  ...['hasHeaders', 'heartbeatGraceSec', 'heartbeatLastReceivedAt', 'id', 'intervalSec', 'keyword', 'keywordMatchType'],
  ...['lastCheckedAt', 'lastStatus', 'name', 'organizationId', 'paused', 'port', 'regions', 'sloBreachOpen', 'tags'],
  ...['timeoutMs', 'type', 'uptimeTargetBp', 'uptimeWindowDays', 'url'],
]

describe('reading one', () => {
  it('shows exactly the published fields, and of secrets only that they are there', async () => {
    const { id } = await monitors.create(
      website({ headers: { Authorization: 'Bearer hush' }, alertSlackUrl: 'https://1.1.1.1/hush' }),
    )
    const shown = await service.client(cast.viewer.session).uptime.monitors.get(id)
    expect(Object.keys(shown).sort()).toEqual(projection)
    expect(shown).toMatchObject({ hasHeaders: true, hasAlertSlack: true, hasAlertWebhook: false, hasAlertSms: false })
    expect(JSON.stringify(shown)).not.toContain('hush')
  })

  it('answers 404 to another organization, and 400 where the id is no id', async () => {
    const { id } = await monitors.create(website())
    const theirs = service.client(cast.stranger.session).uptime.monitors
    expect(await codeOf(theirs.get(id))).toBe('NOT_FOUND')
    expect(await codeOf(theirs.update(id, { paused: true }))).toBe('NOT_FOUND')
    expect(await codeOf(theirs.delete(id))).toBe('NOT_FOUND')
    for (const path of ['one', '0', '1.5', '2147483648', 'bulk']) {
      const answer = await sendJson(service, cast.owner, 'GET', `/api/v1/monitors/${path}`)
      expect(answer.json, path).toMatchObject({ code: 'VALIDATION_FAILED', fields: [{ path: 'id' }] })
    }
  })

  it('does not mind a slash at the end', async () => {
    const { id } = await monitors.create(website())
    for (const path of ['/api/v1/monitors/', `/api/v1/monitors/${id}/`]) {
      expect((await sendJson(service, cast.owner, 'GET', path)).status, path).toBe(200)
    }
    const created = await sendJson(service, cast.owner, 'POST', '/api/v1/monitors/', website())
    expect(created.status).toBe(201)
  })
})

describe('changing one', () => {
  it('changes what is sent, clears what is null, and leaves the rest', async () => {
    const body = website({
      expectedStatusCode: 204,
      degradedResponseTimeMs: 800,
      tags: ['a'],
      alertEmail: 'a@b.example',
    })
    const { id } = await monitors.create(body)
    const changed = await monitors.update(id, {
      name: `${body.name} renamed`,
      url: 'http://1.0.0.1/health',
      intervalSec: 300,
      expectedStatusCode: null,
      alertEmail: null,
      tags: ['b', 'c', 'b'],
      uptimeTargetBp: 995,
    })
    expect(changed).toMatchObject({
      name: `${body.name} renamed`,
      url: 'http://1.0.0.1/health',
      intervalSec: 300,
      expectedStatusCode: null,
      degradedResponseTimeMs: 800,
      alertEmail: null,
      tags: ['b', 'c'],
      uptimeTargetBp: 995,
    })
    expect(await monitors.get(id)).toEqual(changed)
  })

  it('refuses an empty change, a type, and what only the service writes', async () => {
    const { id } = await monitors.create(website())
    const path = `/api/v1/monitors/${id}`
    expect((await sendJson(service, cast.member, 'PATCH', path, {})).json).toMatchObject({
      code: 'VALIDATION_FAILED',
      fields: [{ path: '', code: 'custom' }],
    })
    for (const field of ['type', 'id', 'lastStatus', 'consecutiveFailures', 'createdAt', 'hasHeaders']) {
      expect((await sendJson(service, cast.member, 'PATCH', path, { [field]: 'http' })).json, field).toMatchObject({
        fields: [{ path: field, code: 'unrecognized_keys' }],
      })
    }
  })

  it('holds the result to the rules of the type', async () => {
    const port = await monitors.create(website({ type: 'port', url: '1.1.1.1', port: 53 }))
    expect(await pathsOf(monitors.update(port.id, { port: null }))).toEqual(['port'])
    expect(await codeOf(monitors.update(port.id, { port: null, url: '1.1.1.1:53' }))).toBe('ok')
    const keyword = await monitors.create(website({ type: 'keyword', keyword: 'fine' }))
    expect(await pathsOf(monitors.update(keyword.id, { keyword: null }))).toEqual(['keyword'])
    expect(await pathsOf(monitors.update(keyword.id, { regions: ['weur'] }))).toEqual(['regions'])
    expect(await pathsOf(monitors.update(keyword.id, { url: '1.1.1.1' }))).toEqual(['url'])
    const telegram = { alertTelegramBotToken: 'bot', alertTelegramChatId: 'chat' }
    const told = await monitors.create(website(telegram))
    expect(await pathsOf(monitors.update(told.id, { alertTelegramChatId: null }))).toEqual(['alertTelegramChatId'])
    const silent = await monitors.update(told.id, { alertTelegramBotToken: null, alertTelegramChatId: null })
    expect(silent.hasAlertTelegram).toBe(false)
  })

  it('refuses a name that is taken, in this organization only', async () => {
    const taken = await monitors.create(website())
    const other = await monitors.create(website())
    const outcome = await monitors.update(other.id, { name: taken.name }).result()
    expect(!outcome.ok && outcome.error.code).toBe('MONITOR_NAME_DUPLICATE')
    expect(!outcome.ok && outcome.error.message).toContain(taken.name)
    expect(await codeOf(monitors.update(taken.id, { name: taken.name }))).toBe('ok')
    expect(
      await codeOf(service.client(cast.stranger.session).uptime.monitors.create(website({ name: taken.name }))),
    ).toBe('ok')
  })

  it('stops the checks while it is paused, and schedules one within a minute before and afterwards', async () => {
    const { id } = await monitors.create(website({ intervalSec: 3600 }))
    const due = async () => {
      const row = await service.services.database.db
        .selectFrom('monitor_states')
        .select(['next_check_at', 'last_status'])
        .where('monitor_id', '=', id)
        .executeTakeFirstOrThrow()
      return row.next_check_at && row.next_check_at.getTime() - service.clock.now().getTime()
    }
    expect(await due()).toBeGreaterThanOrEqual(0)
    expect(await due()).toBeLessThanOrEqual(60_000)
    await monitors.update(id, { paused: true })
    expect(await due()).toBeNull()
    await monitors.update(id, { intervalSec: 1800 })
    expect(await due()).toBeNull()
    await monitors.update(id, { paused: false })
    expect(await due()).toBeGreaterThanOrEqual(0)
    expect(await due()).toBeLessThanOrEqual(60_000)
  })

  it('says in the audit log what changed, and of secrets only that they did', async () => {
    const { id, name } = await monitors.create(website({ alertSlackUrl: 'https://1.1.1.1/first-hush' }))
    const { id: tokenId, token } = await createToken(service, cast.member, { scopes: ['monitors:write'] })
    await service.client(token).uptime.monitors.update(
      id,
      {
        timeoutMs: 5000,
        intervalSec: 60,
        alertSlackUrl: 'https://1.1.1.1/second-hush',
        headers: { 'X-Key': 'third-hush' },
        alertWebhookUrl: null,
      },
      { headers: { 'User-Agent': 'a test', 'X-Agent-Id': 'agent 7' } },
    )
    const [created, updated] = await auditOf(service, `monitor:${id}`)
    expect(created).toMatchObject({ action: 'CREATE_MONITOR', meta: { name, url: 'https://1.1.1.1/', type: 'https' } })
    expect(updated).toMatchObject({
      action: 'UPDATE_MONITOR',
      actor_user_id: cast.member.userId,
      actor_pat_id: tokenId,
      meta: { ip: '127.0.0.1', ua: 'a test', agentId: 'agent 7' },
    })
    expect(updated?.meta).toMatchObject({
      changedFields: ['alertSlackUrl', 'headers', 'timeoutMs'],
      diff: {
        alertSlackUrl: { redacted: true },
        headers: { redacted: true },
        timeoutMs: { from: 10_000, to: 5000 },
      },
    })
    expect(JSON.stringify([created, updated])).not.toContain('hush')
  })
})

describe('deleting one', () => {
  it('removes it with its state and its tags, and keeps a snapshot in the audit log', async () => {
    const { id, name, url, type } = await monitors.create(website({ tags: ['doomed'] }))
    expect(await monitors.delete(id)).toBeUndefined()
    expect(await codeOf(monitors.get(id))).toBe('NOT_FOUND')
    expect(await codeOf(monitors.delete(id))).toBe('NOT_FOUND')
    const { db } = service.services.database
    const left = await Promise.all([
      db.selectFrom('monitor_states').selectAll().where('monitor_id', '=', id).execute(),
      db.selectFrom('monitor_tags').selectAll().where('monitor_id', '=', id).execute(),
    ])
    expect(left).toEqual([[], []])
    expect((await auditOf(service, `monitor:${id}`)).at(-1)).toMatchObject({
      action: 'DELETE_MONITOR',
      meta: { snapshot: { name, url, type } },
    })
    expect(await codeOf(monitors.create(website({ name })))).toBe('ok')
  })
})

describe('If-Match', () => {
  const patch = (id: number, tag: string, body: unknown) =>
    service.fetch(`${origin}/api/v1/monitors/${id}`, {
      method: 'PATCH',
      headers: {
        authorization: `Bearer ${cast.member.session}`,
        'content-type': 'application/json',
        'if-match': tag,
      },
      body: JSON.stringify(body),
    })

  it('names a version that only callers move on', async () => {
    const created = await monitors.create(website()).withResponse()
    const { id } = created.data
    const tag = created.response.headers.get('etag') ?? ''
    expect(tag).toBe('"1"')
    await service.services.database.db
      .updateTable('monitor_states')
      .set({ last_status: 'down', consecutive_failures: 3, last_checked_at: service.clock.now() })
      .where('monitor_id', '=', id)
      .execute()
    const read = await monitors.get(id).withResponse()
    expect(read.data).toMatchObject({ lastStatus: 'down', consecutiveFailures: 3 })
    expect(read.response.headers.get('etag')).toBe(tag)
    const same = await patch(id, tag, { intervalSec: 60 })
    expect([same.status, same.headers.get('etag')]).toEqual([200, tag])
    const changed = await patch(id, tag, { intervalSec: 300 })
    expect([changed.status, changed.headers.get('etag')]).toEqual([200, '"2"'])
    expect((await patch(id, tag, { intervalSec: 900 })).status).toBe(412)
    expect((await patch(id, '"9", "2"', { intervalSec: 900 })).status).toBe(200)
    expect((await patch(id, '*', { intervalSec: 1800 })).status).toBe(200)
    expect((await monitors.get(id)).intervalSec).toBe(1800)
  })

  it('protects a deletion', async () => {
    const { id } = await monitors.create(website())
    await monitors.update(id, { paused: true })
    const outcome = await monitors.delete(id, { headers: { 'If-Match': '"1"' } }).result()
    expect(!outcome.ok && outcome.error.code).toBe('PRECONDITION_FAILED')
    await monitors.delete(id, { headers: { 'If-Match': '"2"' } })
  })

  it('lets exactly one of many writers win each version', async () => {
    const { id } = await monitors.create(website())
    const statuses = new Map<number, number>()
    for (let round = 0; round < 10; round++) {
      const version = (await monitors.get(id).withResponse()).response.headers.get('etag') ?? ''
      const answers = await Promise.all(
        Array.from({ length: 100 }, (_, writer) => patch(id, version, { timeoutMs: 1000 + round * 100 + writer })),
      )
      for (const { status } of answers) statuses.set(status, (statuses.get(status) ?? 0) + 1)
      const winner = answers.find(({ status }) => status === 200)
      expect(await winner?.json()).toEqual(await monitors.get(id))
    }
    expect(Object.fromEntries(statuses)).toEqual({ 200: 10, 412: 990 })
    expect((await monitors.get(id).withResponse()).response.headers.get('etag')).toBe('"11"')
    const updates = (await auditOf(service, `monitor:${id}`)).filter(({ action }) => action === 'UPDATE_MONITOR')
    expect(updates).toHaveLength(10)
  }, 120_000)
})

describe('deleting a monitor that is down', () => {
  it('ends its open incident and keeps the record of it', async () => {
    const { db } = service.services.database
    const { id } = await service.client(cast.owner.session).uptime.monitors.create(website())
    await db
      .insertInto('incidents')
      .values({
        organization_id: cast.owner.organizationId,
        monitor_id: id,
        cause: 'down',
        monitor_name: 'gone',
        title: 'gone is down',
        severity: 'major',
        started_at: service.clock.now(),
      })
      .execute()
    await service.client(cast.owner.session).uptime.monitors.delete(id)
    const [row] = await db.selectFrom('incidents').selectAll().where('monitor_name', '=', 'gone').execute()
    expect(row).toMatchObject({ monitor_id: null, status: 'resolved', auto_resolved: true })
  })
})
