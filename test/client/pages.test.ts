import { describe, expect, test } from 'vitest'
import { type Answer, startLoopback } from './loopback.ts'
import { sampleClient } from './sample-client.ts'

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = []
  for await (const item of items) found.push(item)
  return found
}

const queryOf = (url: string) => new URL(url, 'http://loopback').searchParams

describe('a cursor list', () => {
  const pages: Record<string, unknown> = {
    '': { issues: [{ id: 'a' }, { id: 'b' }], cursor: 'two' },
    two: { issues: [], cursor: 'three' },
    three: { issues: [{ id: 'c' }], cursor: null },
  }
  const answer = ({ url }: { url: string }): Answer => ({ json: pages[queryOf(url).get('cursor') ?? ''] })

  test('gives every item, past an empty page, and ends at the null cursor', async () => {
    await using server = await startLoopback(answer)
    const found: string[] = []
    for await (const issue of sampleClient({ baseUrl: server.baseUrl }).telemetry.issues.list('p', {
      status: 'open',
    })) {
      found.push(issue.id)
    }
    expect(found).toEqual(['a', 'b', 'c'])
    expect(server.seen.map(({ url }) => url)).toEqual([
      '/v1/projects/p/issues?status=open',
      '/v1/projects/p/issues?status=open&cursor=two',
      '/v1/projects/p/issues?status=open&cursor=three',
    ])
  })

  test('gives its pages, or one page when awaited', async () => {
    await using server = await startLoopback(answer)
    const { issues } = sampleClient({ baseUrl: server.baseUrl }).telemetry
    expect(await collect(issues.list('p').pages())).toEqual(Object.values(pages))
    expect(await issues.list('p', { cursor: 'two' })).toEqual(pages['two'])
    expect(server.seen).toHaveLength(4)
  })

  test('asks for no page before it is needed', async () => {
    await using server = await startLoopback(answer)
    for await (const issue of sampleClient({ baseUrl: server.baseUrl }).telemetry.issues.list('p')) {
      if (issue.id === 'b') break
    }
    expect(server.seen).toHaveLength(1)
  })

  test('throws when a cursor comes twice, also by a detour', async () => {
    const next: Record<string, string> = { '': 'a', a: 'b', b: 'a' }
    await using server = await startLoopback(({ url }) => ({
      json: { issues: [{ id: 'x' }], cursor: next[queryOf(url).get('cursor') ?? ''] },
    }))
    const list = sampleClient({ baseUrl: server.baseUrl }).telemetry.issues.list('p')
    await expect(collect(list)).rejects.toThrow('telemetry.issues.list: the server gave the position a twice')
    expect(server.seen).toHaveLength(3)
  })

  test('throws the error of a later page', async () => {
    await using server = await startLoopback(({ url }) =>
      queryOf(url).has('cursor')
        ? { status: 404, json: { error: 'Gone', code: 'NOT_FOUND', requestId: 'r' } }
        : { json: pages[''] },
    )
    const list = sampleClient({ baseUrl: server.baseUrl }).telemetry.issues.list('p')
    await expect(collect(list)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
})

describe('a keyset list', () => {
  const answerFrom =
    (newest: number) =>
    ({ url }: { url: string }): Answer => {
      const query = queryOf(url)
      const first = Math.min(newest, Number(query.get('before') ?? newest + 1) - 1)
      const length = Math.min(first, Number(query.get('limit') ?? 3))
      return { json: Array.from({ length }, (_, place) => ({ id: first - place })) }
    }

  test.each([
    [7, undefined, ['', '?before=5', '?before=2']],
    [6, undefined, ['', '?before=4', '?before=1']],
    [7, 4, ['?limit=4', '?limit=4&before=4']],
    [0, undefined, ['']],
  ])('of %i items by pages of %s ends with the first short page', async (count, limit, searches) => {
    await using server = await startLoopback(answerFrom(count))
    const list = sampleClient({ baseUrl: server.baseUrl }).platform.tokens.list({ limit })
    expect((await collect(list)).map(({ id }) => id)).toEqual(Array.from({ length: count }, (_, i) => count - i))
    expect(server.seen.map(({ url }) => url)).toEqual(searches.map((search) => `/v1/tokens${search}`))
  })

  test('throws when the server does not go on, and when there is nothing to go on from', async () => {
    await using stuck = await startLoopback(() => ({ json: [{ id: 3 }, { id: 2 }, { id: 1 }] }))
    const stuckList = sampleClient({ baseUrl: stuck.baseUrl }).platform.tokens.list()
    await expect(collect(stuckList)).rejects.toThrow('gave the position 1 twice')
    await using nameless = await startLoopback(() => ({ json: [{}, {}, {}] }))
    const namelessList = sampleClient({ baseUrl: nameless.baseUrl }).platform.tokens.list()
    await expect(collect(namelessList)).rejects.toThrow('the last item has no id to go on from')
  })
})

test('an offset list goes on from where it is and ends with a short page', async () => {
  const names = ['a', 'b', 'c', 'd', 'e']
  await using server = await startLoopback(({ url }) => {
    const offset = Number(queryOf(url).get('offset') ?? 0)
    return { json: names.slice(offset, offset + 2).map((name) => ({ name })) }
  })
  const list = sampleClient({ baseUrl: server.baseUrl }).fleet.machines.list({ siteId: 's', offset: 1 })
  expect((await collect(list)).map(({ name }) => name)).toEqual(['b', 'c', 'd', 'e'])
  expect(server.seen.map(({ url }) => queryOf(url).get('offset'))).toEqual(['1', '3', '5'])
})
