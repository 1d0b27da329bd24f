import { monitorsInMaintenance } from '@owlery/server/uptime/maintenance-windows.store.ts'
import { afterEach, describe, expect, it } from 'vitest'
import { createCast, createToken, type Person } from '../support/actors.ts'
import { nextHour } from '../support/incidents.ts'
import { auditOf, codeOf, sendJson, website } from '../support/monitors.ts'
import { freshService } from '../support/service.ts'

const start = new Date('2031-05-01T12:00:00.000Z')
const service = await freshService({ now: start })
const cast = await createCast(service)
const { monitors, maintenanceWindows } = service.client(cast.member.session).uptime
const theirs = service.client(cast.stranger.session).uptime
const { db } = service.services.database

const hours = (count: number) => new Date(start.getTime() + count * 3_600_000)
const window = (from: number, to: number, monitorIds: number[] | null = null) => ({
  title: `from ${from} to ${to}`,
  startsAt: hours(from).toISOString(),
  endsAt: hours(to).toISOString(),
  monitorIds,
})

/** Which of them are in maintenance at a moment, or in some of the time up to another one. */
const covered = (monitorIds: number[], from: Date, to = from) =>
  monitorsInMaintenance(
    db,
    monitorIds.map((monitorId) => ({ monitorId, from, to })),
  )

const monitorOf = async (person: Person) => (await service.client(person.session).uptime.monitors.create(website())).id

// Sessions begin with the service's clock, so every test starts where they did.
afterEach(async () => {
  service.clock.set(start)
  await db.deleteFrom('maintenance_windows').execute()
})

describe('scheduling a window', () => {
  it('for some monitors, or for all of the organization', async () => {
    const [one, two] = [await monitorOf(cast.member), await monitorOf(cast.member)]
    const some = await maintenanceWindows.create(window(1, 2, [two, one, two]))
    expect(some).toEqual({
      ...window(1, 2, [one, two]),
      id: some.id,
      status: 'scheduled',
      createdByUserId: cast.member.userId,
      createdAt: start.toISOString(),
    })
    const { startsAt, endsAt } = window(-1, 3)
    const all = await maintenanceWindows.create({ startsAt, endsAt })
    expect(all).toMatchObject({ title: 'Maintenance', monitorIds: null, status: 'active' })
    expect(await service.client(cast.viewer.session).uptime.maintenanceWindows.get(some.id)).toEqual(some)
    expect(await auditOf(service, `maintenance_window:${some.id}`)).toMatchObject([
      { action: 'CREATE_MAINTENANCE_WINDOW', meta: { title: 'from 1 to 2', monitorIds: [one, two] } },
    ])
  })

  it('takes no monitor that is not there, and writes nothing then', async () => {
    const [mine, foreign] = [await monitorOf(cast.member), await monitorOf(cast.stranger)]
    expect(await codeOf(maintenanceWindows.create(window(1, 2, [mine, foreign])))).toBe('NOT_FOUND')
    const refused = await maintenanceWindows.create(window(1, 2, [2147483647, mine, foreign])).result()
    expect(!refused.ok && refused.error.code).toBe('NOT_FOUND')
    expect(!refused.ok && refused.error.message).toContain(`no monitors with the ids 2147483647, ${foreign}`)
    expect(await maintenanceWindows.list()).toEqual([])
  })

  it('ends in the future, after it starts, within 30 days', async () => {
    const days = (count: number) => count * 24
    expect(await codeOf(maintenanceWindows.create(window(0, days(30))))).toBe('ok')
    for (const wrong of [window(2, 1), window(2, 2), window(-2, 0), window(-2, -1), window(0, days(30) + 1)]) {
      const answer = await sendJson(service, cast.member, 'POST', '/api/v1/maintenance-windows', wrong)
      expect(answer.json, wrong.title).toMatchObject({ code: 'VALIDATION_FAILED', fields: [{ path: 'endsAt' }] })
    }
    for (const [wrong, path] of [
      [{ ...window(1, 2), monitorIds: [] }, 'monitorIds'],
      [{ ...window(1, 2), monitorIds: Array.from({ length: 101 }, (_, index) => index + 1) }, 'monitorIds'],
      [{ ...window(1, 2), title: 'x'.repeat(256) }, 'title'],
      [{ ...window(1, 2), reason: 'none' }, 'reason'],
    ] as const) {
      const answer = await sendJson(service, cast.member, 'POST', '/api/v1/maintenance-windows', wrong)
      expect(answer.json, path).toMatchObject({ code: 'VALIDATION_FAILED', fields: [{ path }] })
    }
  })
})

describe('listing windows', () => {
  it('shows the newest first, by whether they are in force and by when they are', async () => {
    const past = await maintenanceWindows.create(window(-4, 1))
    const active = await maintenanceWindows.create(window(-1, 6))
    const later = await maintenanceWindows.create(window(8, 9))
    service.clock.set(hours(2))
    const idsOf = async (query: Parameters<typeof maintenanceWindows.list>[0]) =>
      (await maintenanceWindows.list(query)).map(({ id }) => id)
    const listed = await maintenanceWindows.list()
    expect(listed.map(({ id, status }) => [id, status])).toEqual([
      [later.id, 'scheduled'],
      [active.id, 'active'],
      [past.id, 'ended'],
    ])
    expect(await idsOf({ active: true })).toEqual([active.id])
    expect(await idsOf({ active: false })).toEqual([later.id, past.id])
    expect(await idsOf({ from: hours(1).toISOString() })).toEqual([later.id, active.id])
    expect(await idsOf({ to: hours(8).toISOString() })).toEqual([active.id, past.id])
    expect(await idsOf({ from: hours(6).toISOString(), to: hours(9).toISOString() })).toEqual([later.id])
    expect(await idsOf({ limit: 1, before: later.id })).toEqual([active.id])
    const backwards = { from: hours(2).toISOString(), to: hours(1).toISOString() }
    expect(await codeOf(maintenanceWindows.list(backwards))).toBe('BAD_TIME_RANGE')
    expect(await theirs.maintenanceWindows.list()).toEqual([])
  })

  it('names no monitor that is deleted, and stays a window of none', async () => {
    const [kept, gone] = [await monitorOf(cast.member), await monitorOf(cast.member)]
    const { id } = await maintenanceWindows.create(window(1, 2, [kept, gone]))
    await monitors.delete(gone)
    expect((await maintenanceWindows.get(id)).monitorIds).toEqual([kept])
    await monitors.delete(kept)
    expect((await maintenanceWindows.get(id)).monitorIds).toEqual([])
    expect(await covered([await monitorOf(cast.member)], hours(1.5))).toEqual(new Set())
  })
})

describe('cancelling a window', () => {
  it('removes it before it begins', async () => {
    const { id } = await maintenanceWindows.create(window(1, 2))
    expect(await codeOf(theirs.maintenanceWindows.delete(id))).toBe('NOT_FOUND')
    await maintenanceWindows.delete(id)
    expect(await codeOf(maintenanceWindows.get(id))).toBe('NOT_FOUND')
    expect(await codeOf(maintenanceWindows.delete(id))).toBe('NOT_FOUND')
    expect((await auditOf(service, `maintenance_window:${id}`)).at(-1)).toMatchObject({
      action: 'DELETE_MAINTENANCE_WINDOW',
      meta: { outcome: 'removed', snapshot: { title: 'from 1 to 2', monitorIds: null } },
    })
  })

  it('ends it now while it is in force, and then changes nothing more', async () => {
    const monitor = await monitorOf(cast.member)
    const { id } = await maintenanceWindows.create(window(-1, 2))
    expect(await covered([monitor], start)).toEqual(new Set([monitor]))
    await maintenanceWindows.delete(id)
    expect(await maintenanceWindows.get(id)).toMatchObject({ status: 'ended', endsAt: start.toISOString() })
    expect(await covered([monitor], start)).toEqual(new Set())
    service.clock.set(hours(1))
    await maintenanceWindows.delete(id)
    expect(await maintenanceWindows.get(id)).toMatchObject({ status: 'ended', endsAt: start.toISOString() })
  })

  it('removes one that begins at this very moment', async () => {
    const { id } = await maintenanceWindows.create(window(0, 2))
    await maintenanceWindows.delete(id)
    expect(await codeOf(maintenanceWindows.get(id))).toBe('NOT_FOUND')
  })
})

describe('which monitors are in maintenance', () => {
  it('follows the windows, from their first moment to their last', async () => {
    const [named, other] = [await monitorOf(cast.member), await monitorOf(cast.member)]
    const foreign = await monitorOf(cast.stranger)
    const ids = [named, other, foreign]
    await maintenanceWindows.create(window(1, 3, [named]))
    await maintenanceWindows.create(window(2, 4))
    const at = (hour: number, until = hour) => covered(ids, hours(hour), hours(until))
    expect(await at(0.99)).toEqual(new Set())
    expect(await at(1)).toEqual(new Set([named]))
    expect(await at(2)).toEqual(new Set([named, other]))
    expect(await at(3)).toEqual(new Set([named, other]))
    expect(await at(4)).toEqual(new Set())
    expect(await at(0.99, 1)).toEqual(new Set([named]))
    expect(await at(3.99, 5)).toEqual(new Set([named, other]))
    expect(await at(0, 9)).toEqual(new Set([named, other]))
    expect(await covered([], hours(2))).toEqual(new Set())
    const many = Array.from({ length: 70_000 }, (_, index) => index + 1)
    expect([...(await covered(many, hours(1)))]).toEqual([named])
  })
})

describe('what it takes', () => {
  it('is the scope to read or to write, and a role above viewer to write', async () => {
    const { id } = await maintenanceWindows.create(nextHour(service))
    const reader = await createToken(service, cast.member, { scopes: ['maintenance:read'] })
    const writer = await createToken(service, cast.member, { scopes: ['maintenance:write'] })
    const windowsOf = (credential: string) => service.client(credential).uptime.maintenanceWindows
    expect(await codeOf(windowsOf(reader.token).get(id))).toBe('ok')
    expect(await codeOf(windowsOf(reader.token).delete(id))).toBe('PAT_SCOPE_INSUFFICIENT')
    expect(await codeOf(windowsOf(writer.token).list())).toBe('PAT_SCOPE_INSUFFICIENT')
    expect(await codeOf(windowsOf(cast.viewer.session).create(nextHour(service)))).toBe('ROLE_INSUFFICIENT')
    expect(await codeOf(windowsOf(writer.token).delete(id))).toBe('ok')
  })
})
