import { describe, expect, it } from 'vitest'
import { createCast, createOrganization, createPerson } from '../support/actors.ts'
import { sendJson, website } from '../support/monitors.ts'
import { freshService } from '../support/service.ts'

const service = await freshService()
const cast = await createCast(service)

async function newOrganization() {
  const person = await createPerson(service, await createOrganization(service), 'owner')
  return { person, monitors: service.client(person.session).uptime.monitors }
}

describe('the list', () => {
  it('holds the organization’s own monitors, newest first', async () => {
    const { monitors } = await newOrganization()
    expect(await monitors.list()).toEqual([])
    const first = await monitors.create(website())
    const second = await monitors.create(website())
    await service.client(cast.stranger.session).uptime.monitors.create(website())
    expect(await monitors.list()).toEqual([second, first])
  })

  it('continues page by page, and skips nothing that is there all the time while others come and go', async () => {
    const { monitors } = await newOrganization()
    const { monitors: created } = await monitors.bulkCreate({ monitors: Array.from({ length: 25 }, () => website()) })
    const seen: number[] = []
    let pages = 0
    for await (const page of monitors.list({ limit: 4 }).pages()) {
      seen.push(...page.map(({ id }) => id))
      await monitors.create(website())
      // What is behind the reader may go without a trace ahead.
      if (pages++ < 3) await monitors.delete(page[0]?.id ?? 0)
    }
    expect(seen).toEqual(created.map(({ id }) => id).reverse())
  })

  it('takes an offset from callers that know no other way', async () => {
    const { monitors } = await newOrganization()
    const { monitors: created } = await monitors.bulkCreate({ monitors: Array.from({ length: 5 }, () => website()) })
    const ids = created.map(({ id }) => id).reverse()
    expect((await monitors.list({ limit: 2, offset: 2 })).map(({ id }) => id)).toEqual(ids.slice(2, 4))
    expect(await monitors.list({ offset: 5 })).toEqual([])
  })

  it('refuses what it does not know', async () => {
    for (const [query, path] of [
      ['page=2', 'page'],
      ['limit=501', 'limit'],
      ['limit=0', 'limit'],
      ['offset=-1', 'offset'],
      ['before=x', 'before'],
      ['tag=UPPER', 'tag.0'],
    ] as const) {
      const answer = await sendJson(service, cast.owner, 'GET', `/api/v1/monitors?${query}`)
      expect(answer.json, query).toMatchObject({ code: 'VALIDATION_FAILED', fields: [{ path }] })
    }
  })
})

describe('tags', () => {
  it('narrow the list to monitors that have all of them', async () => {
    const { person, monitors } = await newOrganization()
    const tagged: [name: string, tags: string[]][] = [
      ['none', []],
      ['a', ['a']],
      ['ab', ['a', 'b']],
      ['abc', ['c', 'b', 'a']],
      ['bc', ['b', 'c']],
    ]
    for (const [name, tags] of tagged) await monitors.create(website({ name, tags }))
    const { monitors: theirs } = await newOrganization()
    await theirs.create(website({ tags: ['a', 'b', 'c'] }))
    const names = async (...tag: string[]) => (await monitors.list({ tag })).map(({ name }) => name)
    expect(await names('a')).toEqual(['abc', 'ab', 'a'])
    expect(await names('b', 'a')).toEqual(['abc', 'ab'])
    expect(await names('c', 'a', 'b', 'a')).toEqual(['abc'])
    expect(await names('a', 'unheard')).toEqual([])
    const raw = await sendJson(service, person, 'GET', '/api/v1/monitors?tag=b&tag=c&limit=1')
    expect(raw.json).toMatchObject([{ name: 'bc' }])
  })

  it('follow every change of a monitor', async () => {
    const { monitors } = await newOrganization()
    const { id } = await monitors.create(website({ tags: ['old', 'kept'] }))
    await monitors.update(id, { tags: ['kept', 'new'] })
    const count = async (tag: string) => (await monitors.list({ tag: [tag] })).length
    expect([await count('old'), await count('kept'), await count('new')]).toEqual([0, 1, 1])
    await monitors.update(id, { tags: [] })
    expect([await count('kept'), await count('new')]).toEqual([0, 0])
  })

  it('page like the whole list', async () => {
    const { monitors } = await newOrganization()
    const bodies = Array.from({ length: 10 }, (_, index) => website({ tags: index % 2 === 0 ? ['even', 'x'] : ['x'] }))
    const { monitors: created } = await monitors.bulkCreate({ monitors: bodies })
    const even = created.flatMap(({ id, tags }) => (tags.includes('even') ? [id] : [])).reverse()
    const seen: number[] = []
    for await (const { id } of monitors.list({ tag: ['x', 'even'], limit: 2 })) seen.push(id)
    expect(seen).toEqual(even)
    expect((await monitors.list({ tag: ['even'], offset: 3 })).map(({ id }) => id)).toEqual(even.slice(3))
  })
})
