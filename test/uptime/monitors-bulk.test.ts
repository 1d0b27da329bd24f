import { describe, expect, it } from 'vitest'
import { createCast, createToken } from '../support/actors.ts'
import { auditOf, codeOf, pathsOf, sendJson, website } from '../support/monitors.ts'
import { freshService } from '../support/service.ts'

const service = await freshService()
const cast = await createCast(service)
const { monitors } = service.client(cast.member.session).uptime
const admin = service.client(cast.admin.session).uptime.monitors

async function createSeveral(count: number): Promise<number[]> {
  const { monitors: created } = await monitors.bulkCreate({ monitors: Array.from({ length: count }, () => website()) })
  return created.map(({ id }) => id)
}

describe('creating several', () => {
  it('answers them in the order they were sent, each audited, as one mutation', async () => {
    const { token } = await createToken(service, cast.member, { dailyMutationLimit: 2 })
    const bodies = Array.from({ length: 100 }, (_, index) =>
      index === 7 ? website({ type: 'heartbeat', url: 'job' }) : website({ tags: ['batch'] }),
    )
    const { data, response } = await service
      .client(token)
      .uptime.monitors.bulkCreate({ monitors: bodies })
      .withResponse()
    expect(data.created).toBe(100)
    expect(data.monitors.map(({ name }) => name)).toEqual(bodies.map(({ name }) => name))
    expect(data.monitors.map(({ heartbeatToken }) => heartbeatToken !== undefined).indexOf(true)).toBe(7)
    expect(response.headers.get('x-pat-mut-remaining')).toBe('1')
    expect(await auditOf(service, `monitor:${data.monitors[99]?.id}`)).toMatchObject([
      { action: 'CREATE_MONITOR', meta: { bulk: true, name: bodies[99]?.name } },
    ])
    expect(await monitors.list({ tag: ['batch'] })).toHaveLength(99)
  })

  it('creates all or none, and names faults by their index', async () => {
    const before = (await monitors.list()).length
    const fine = [website(), website(), website()]
    const first = fine[0] ?? website()
    expect(await pathsOf(monitors.bulkCreate({ monitors: [...fine, website({ url: 'ftp://1.1.1.1/' })] }))).toEqual([
      'monitors.3.url',
    ])
    const answer = await sendJson(service, cast.member, 'POST', '/api/v1/monitors/bulk', {
      monitors: [...fine, { ...website(), intervalSec: 5, unheard: 1 }],
    })
    expect(answer.json).toMatchObject({
      code: 'VALIDATION_FAILED',
      fields: [
        { path: 'monitors.3.intervalSec', code: 'invalid_literal' },
        { path: 'monitors.3.unheard', code: 'unrecognized_keys' },
      ],
    })
    const unsafe = await monitors.bulkCreate({ monitors: [...fine, website({ url: 'http://10.0.0.1/' })] }).result()
    expect(!unsafe.ok && unsafe.error.code).toBe('MONITOR_TARGET_UNSAFE')
    expect(!unsafe.ok && unsafe.error.message).toContain('monitors.3.url')
    const twice = await monitors.bulkCreate({ monitors: [...fine, website({ name: first.name })] }).result()
    expect(!twice.ok && twice.error.code).toBe('MONITOR_NAME_DUPLICATE')
    expect(!twice.ok && twice.error.message).toContain(first.name)
    const { name } = await monitors.create(website())
    expect(await codeOf(monitors.bulkCreate({ monitors: [...fine, website({ name })] }))).toBe('MONITOR_NAME_DUPLICATE')
    expect(await monitors.list()).toHaveLength(before + 1)
  })

  it('takes 1 to 100', async () => {
    for (const count of [0, 101]) {
      const body = { monitors: Array.from({ length: count }, () => website()) }
      expect((await sendJson(service, cast.member, 'POST', '/api/v1/monitors/bulk', body)).json).toMatchObject({
        code: 'VALIDATION_FAILED',
        fields: [{ path: 'monitors' }],
      })
    }
  })
})

describe('changing several', () => {
  it('applies the patch to each of them, once', async () => {
    const ids = await createSeveral(3)
    const patch = { paused: true, headers: { 'X-Key': 'hush' }, tags: ['patched'] }
    const outcome = await monitors.bulkUpdate({ ids: [...ids, ...ids], patch })
    expect(outcome).toEqual({ updated: 3, ids })
    for (const id of ids) {
      expect(await monitors.get(id)).toMatchObject({ paused: true, hasHeaders: true, tags: ['patched'] })
      expect((await admin.getSecrets(id)).headers).toEqual({ 'X-Key': 'hush' })
      expect((await auditOf(service, `monitor:${id}`))[1]).toMatchObject({
        action: 'UPDATE_MONITOR',
        meta: { bulk: true, changedFields: ['headers', 'paused', 'tags'] },
      })
    }
    expect(await monitors.list({ tag: ['patched'] })).toHaveLength(3)
  })

  it('changes none if one is missing or belongs to others, and lists those', async () => {
    const ids = await createSeveral(2)
    const foreign = await service.client(cast.stranger.session).uptime.monitors.create(website())
    const outcome = await monitors.bulkUpdate({ ids: [...ids, foreign.id, 999_999], patch: { paused: true } }).result()
    expect(!outcome.ok && outcome.error.code).toBe('NOT_FOUND')
    expect(!outcome.ok && outcome.error.message).toContain(`There are no monitors with the ids ${foreign.id}, 999999`)
    for (const id of ids) expect((await monitors.get(id)).paused).toBe(false)
  })

  it('changes none if the patch does not fit one of them', async () => {
    const [website1 = 0] = await createSeveral(1)
    const { id } = await monitors.create(website({ type: 'port', url: '1.1.1.1', port: 53 }))
    const outcome = await monitors
      .bulkUpdate({ ids: [website1, id], patch: { url: 'https://1.0.0.1/', port: null } })
      .result()
    expect(!outcome.ok && outcome.error.fields).toMatchObject([
      { path: 'patch.port', message: `A monitor of type port needs a port, here or in its URL (${id})` },
    ])
    expect((await monitors.get(website1)).url).toBe('https://1.1.1.1/')
  })

  it('refuses a name, an empty patch and unsafe addresses', async () => {
    const ids = await createSeveral(2)
    const send = (patch: unknown) => sendJson(service, cast.member, 'PATCH', '/api/v1/monitors/bulk', { ids, patch })
    expect((await send({ name: 'one for all' })).json).toMatchObject({
      code: 'VALIDATION_FAILED',
      fields: [{ path: 'patch.name', code: 'unrecognized_keys' }],
    })
    expect((await send({})).json).toMatchObject({ code: 'VALIDATION_FAILED', fields: [{ path: 'patch' }] })
    expect((await send({ url: 'https://127.0.0.1/' })).json).toMatchObject({ code: 'MONITOR_TARGET_UNSAFE' })
    expect((await send({ alertSlackUrl: 'https://10.0.0.1/' })).json).toMatchObject({ code: 'ALERT_URL_BLOCKED' })
  })

  it('never blocks itself, in whatever order the ids come', async () => {
    const ids = await createSeveral(20)
    const backwards = [...ids].reverse()
    const calls = Array.from({ length: 20 }, (_, index) =>
      monitors.bulkUpdate({ ids: index % 2 === 0 ? ids : backwards, patch: { timeoutMs: 1000 + index } }),
    )
    expect(await Promise.all(calls.map(codeOf))).toEqual(Array.from({ length: 20 }, () => 'ok'))
  })
})

describe('deleting several', () => {
  it('is for owners and admins, and deletes all or none', async () => {
    const ids = await createSeveral(3)
    expect(await codeOf(monitors.bulkDelete({ ids }))).toBe('ROLE_INSUFFICIENT')
    const outcome = await admin.bulkDelete({ ids: [...ids, 999_999] }).result()
    expect(!outcome.ok && outcome.error.code).toBe('NOT_FOUND')
    expect(!outcome.ok && outcome.error.message).toContain('999999')
    expect((await monitors.list()).map(({ id }) => id)).toEqual(expect.arrayContaining(ids))
    expect(await admin.bulkDelete({ ids: [...ids, ...ids] })).toEqual({ deleted: 3, ids })
    for (const id of ids) {
      expect(await codeOf(monitors.get(id))).toBe('NOT_FOUND')
      expect((await auditOf(service, `monitor:${id}`)).at(-1)).toMatchObject({
        action: 'DELETE_MONITOR',
        meta: { bulk: true, snapshot: { url: 'https://1.1.1.1/', type: 'https' } },
      })
    }
  })

  it('is never taken for the deletion of one', async () => {
    const answer = await sendJson(service, cast.owner, 'DELETE', '/api/v1/monitors/bulk/', { ids: [] })
    expect(answer.json).toMatchObject({ code: 'VALIDATION_FAILED', fields: [{ path: 'ids' }] })
  })
})
