import { describe, expect, it } from 'vitest'
import { createCast } from '../support/actors.ts'
import { eventsOf, incidentsOf, makeDue, nextRound } from '../support/engine.ts'
import { auditOf, codeOf, pathsOf, website } from '../support/monitors.ts'
import { freshService } from '../support/service.ts'
import { startHttpSink } from '../support/sinks-http.ts'

const service = await freshService({ env: { OUTBOUND_ALLOW: '127.0.0.0/8' } })
await service.services.queue.start()
const cast = await createCast(service)
const { monitors } = service.client(cast.member.session).uptime
const admin = service.client(cast.admin.session).uptime.monitors

async function createSeveral(count: number): Promise<number[]> {
  const { monitors: created } = await monitors.bulkCreate({ monitors: Array.from({ length: count }, () => website()) })
  return created.map(({ id }) => id)
}

const create = async (dependsOn?: number[]) => (await monitors.create(website(dependsOn && { dependsOn }))).id
const parentsOf = async (id: number) => (await monitors.get(id)).dependsOn
const versionOf = async (id: number) => (await monitors.get(id).withResponse()).response.headers.get('etag')

/** With If-Match a transaction sees one snapshot, so other things can go wrong in it. */
const unguardedAndGuarded = [
  ['', {}],
  [' under If-Match', { headers: { 'If-Match': '*' } }],
] as const

describe('what a monitor depends on', () => {
  it('is shown sorted and once wherever the monitor is', async () => {
    const [one = 0, other = 0] = await createSeveral(2)
    const created = await monitors.create(website({ dependsOn: [other, one, other] }))
    expect(created.dependsOn).toEqual([one, other])
    expect(await parentsOf(created.id)).toEqual([one, other])
    const listed = new Map((await monitors.list()).map(({ id, dependsOn }) => [id, dependsOn]))
    expect([one, other, created.id].map((id) => listed.get(id))).toEqual([[], [], [one, other]])
    const { monitors: bulk } = await monitors.bulkCreate({
      monitors: [website({ dependsOn: [created.id] }), website({ dependsOn: null }), website({ dependsOn: [one] })],
    })
    expect(bulk.map(({ dependsOn }) => dependsOn)).toEqual([[created.id], [], [one]])
  })

  it('can be changed and cleared, each a new version with its audit row', async () => {
    const [one = 0, other = 0, child = 0] = await createSeveral(3)
    expect((await monitors.update(child, { dependsOn: [other, one] })).dependsOn).toEqual([one, other])
    expect(await versionOf(child)).toBe('"2"')
    await monitors.update(child, { dependsOn: [one, other, one] })
    expect(await versionOf(child)).toBe('"2"')
    await monitors.update(child, { paused: true })
    expect(await parentsOf(child)).toEqual([one, other])
    expect((await monitors.update(child, { dependsOn: [other] })).dependsOn).toEqual([other])
    expect((await monitors.update(child, { dependsOn: null })).dependsOn).toEqual([])
    await monitors.update(child, { dependsOn: [one] })
    expect((await monitors.update(child, { dependsOn: [] })).dependsOn).toEqual([])
    expect(await versionOf(child)).toBe('"7"')
    const changes = (await auditOf(service, `monitor:${child}`)).slice(1).map(({ meta }) => meta)
    expect(changes).toMatchObject([
      { changedFields: ['dependsOn'], diff: { dependsOn: { from: [], to: [one, other] } } },
      { changedFields: [] },
      { changedFields: ['paused'] },
      { diff: { dependsOn: { from: [one, other], to: [other] } } },
      { diff: { dependsOn: { from: [other], to: [] } } },
      { diff: { dependsOn: { from: [], to: [one] } } },
      { diff: { dependsOn: { from: [one], to: [] } } },
    ])
  })

  it('can be changed in several at once', async () => {
    const [parent = 0, ...children] = await createSeveral(3)
    await monitors.bulkUpdate({ ids: children, patch: { dependsOn: [parent] } })
    for (const id of children) {
      expect(await parentsOf(id)).toEqual([parent])
      expect((await auditOf(service, `monitor:${id}`))[1]).toMatchObject({
        meta: { bulk: true, diff: { dependsOn: { from: [], to: [parent] } } },
      })
    }
    await monitors.bulkUpdate({ ids: children, patch: { dependsOn: null } })
    for (const id of children) expect(await parentsOf(id)).toEqual([])
  })

  it.each(['alone', 'among several'])(
    'goes when it is deleted %s, and what depended on it is a new version',
    async (how) => {
      const [parent = 0, stays = 0] = await createSeveral(2)
      const child = await create([parent, stays])
      if (how === 'alone') await monitors.delete(parent)
      else await admin.bulkDelete({ ids: [parent] })
      expect(await parentsOf(child)).toEqual([stays])
      expect(await versionOf(child)).toBe('"2"')
      await monitors.delete(child)
      expect(await versionOf(stays)).toBe('"1"')
    },
  )

  it('is as many as 20', async () => {
    const parents = await createSeveral(20)
    expect(await parentsOf(await create(parents))).toEqual(parents)
  })
})

describe('what no monitor can depend on', () => {
  it('is one that does not exist, or that others have', async () => {
    const [id = 0, known = 0] = await createSeveral(2)
    const foreign = (await service.client(cast.stranger.session).uptime.monitors.create(website())).id
    const dependsOn = [known, 2147483647, foreign]
    const before = (await monitors.list()).length
    const outcomes = [
      await monitors.create(website({ dependsOn })).result(),
      await monitors.bulkCreate({ monitors: [website(), website({ dependsOn })] }).result(),
      await monitors.update(id, { dependsOn }).result(),
      await monitors.bulkUpdate({ ids: [id], patch: { dependsOn } }).result(),
    ]
    for (const outcome of outcomes) {
      expect(!outcome.ok && outcome.error.code).toBe('NOT_FOUND')
      expect(!outcome.ok && outcome.error.message).toContain(`with the ids ${foreign}, 2147483647 to`)
    }
    expect(await parentsOf(id)).toEqual([])
    expect(await versionOf(id)).toBe('"1"')
    expect(await monitors.list()).toHaveLength(before)
    const change = service.client(cast.stranger.session).uptime.monitors.update(id, { dependsOn: [foreign] })
    expect(await codeOf(change)).toBe('NOT_FOUND')
  })

  it('is itself', async () => {
    const [id = 0, other = 0] = await createSeveral(2)
    expect(await pathsOf(monitors.update(id, { dependsOn: [other, id] }))).toEqual(['dependsOn'])
    const several = monitors.bulkUpdate({ ids: [other, id], patch: { dependsOn: [id] } })
    expect(await pathsOf(several)).toEqual(['patch.dependsOn'])
    expect([await parentsOf(id), await parentsOf(other)]).toEqual([[], []])
  })

  it('is what depends on it, however far away', async () => {
    const top = await create()
    const middle = await create([top])
    const aside = await create([top])
    const bottom = await create([middle, aside])
    expect(await pathsOf(monitors.update(middle, { dependsOn: [bottom] }))).toEqual(['dependsOn'])
    expect(await pathsOf(monitors.update(top, { dependsOn: [await create(), bottom] }))).toEqual(['dependsOn'])
    const several = monitors.bulkUpdate({ ids: [await create(), top], patch: { dependsOn: [bottom] } })
    expect(await pathsOf(several)).toEqual(['patch.dependsOn'])
    expect(await parentsOf(top)).toEqual([])
    // Two ways to the same place are no circle.
    expect((await monitors.update(bottom, { dependsOn: [top, middle, aside] })).dependsOn).toHaveLength(3)
  })

  it.each(unguardedAndGuarded)('is what begins to depend on it at the same time%s', async (_, options) => {
    for (let round = 0; round < 10; round += 1) {
      const [one = 0, two = 0, three = 0, four = 0] = await createSeveral(4)
      await monitors.update(two, { dependsOn: [three] })
      await monitors.update(four, { dependsOn: [one] })
      // The two changes have no monitor in common, so that locks on monitors alone would let both through.
      const codes = await Promise.all([
        codeOf(monitors.update(one, { dependsOn: [two] }, options)),
        codeOf(monitors.update(three, { dependsOn: [four] }, options)),
      ])
      expect(codes.sort()).toEqual(['VALIDATION_FAILED', 'ok'])
      expect([...(await parentsOf(one)), ...(await parentsOf(three))]).toHaveLength(1)
    }
  })

  it.each(unguardedAndGuarded)('is what is deleted at the same time%s', async (_, options) => {
    for (let round = 0; round < 10; round += 1) {
      const [parent = 0, child = 0, third = 0] = await createSeveral(3)
      const [changed, created, deleted, other] = await Promise.all([
        codeOf(monitors.update(child, { dependsOn: [parent] }, options)),
        codeOf(monitors.create(website({ dependsOn: [child, parent] }))),
        codeOf(monitors.delete(parent, options)),
        codeOf(monitors.bulkUpdate({ ids: [third, child, parent], patch: { timeoutMs: 2000 } })),
      ])
      expect(deleted).toBe('ok')
      for (const code of [changed, created, other]) expect(['ok', 'NOT_FOUND']).toContain(code)
      expect(await parentsOf(child)).toEqual([])
    }
  })
})

describe('what is behind something that is down', () => {
  it('alerts nobody, until it is no longer said to be behind it', async () => {
    let status = 200
    const sink = await startHttpSink((_, response) => {
      response.writeHead(status).end()
    })
    const at = (path: string) => website({ url: `${sink.url}${path}`, type: 'http', paused: false })
    const router = (await monitors.create(at('/router'))).id
    const behind = (await monitors.create({ ...at('/behind'), dependsOn: [router] })).id
    const released = (await monitors.create({ ...at('/released'), dependsOn: [router] })).id
    await monitors.update(released, { dependsOn: null })
    for (const id of [router, behind, released]) await makeDue(service, id)
    await service.services.engine.runDue()
    status = 500
    await nextRound(service)
    await nextRound(service)
    const [opened] = await incidentsOf(service, router)
    expect(opened).toMatchObject({ cause: 'down', suppressed_by_id: null })
    expect(await incidentsOf(service, behind)).toMatchObject([{ suppressed_by_id: opened?.id }])
    expect(await incidentsOf(service, released)).toMatchObject([{ suppressed_by_id: null }])
    const announced = (await eventsOf(service, behind)).find(({ type }) => type === 'incident.opened')
    expect(announced?.data).toMatchObject({ suppressed: true })
  })
})
