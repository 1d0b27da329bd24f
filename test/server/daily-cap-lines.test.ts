import { tokenCaps } from '@owlery/server/db/migrations/0011-token-caps.ts'
import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { createCast, createToken } from '../support/actors.ts'
import { object } from '../support/document.ts'
import { freshService, origin } from '../support/service.ts'

/** Tokens that mint tokens: together they do no more in a day than the first of them may. */

const service = await freshService({ now: new Date('2026-03-01T12:00:00.000Z') })
const cast = await createCast(service)
const { db } = service.services.database

function mint(token: string, body: object = {}) {
  return service.send(`${origin}/api/v1/me/tokens`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'of another', scopes: ['tokens:write'], ...body }),
  })
}

async function childOf(token: string, body: object = {}): Promise<string> {
  const answer = await mint(token, body)
  expect(answer.status).toBe(201)
  return String(object(await answer.json()).token)
}

async function left(token: string): Promise<string | null> {
  const me = await service.send(`${origin}/api/v1/me`, { headers: { authorization: `Bearer ${token}` } })
  return me.headers.get('x-pat-mut-remaining')
}

const capped = async (dailyMutationLimit: number | null) =>
  (await createToken(service, cast.owner, { scopes: ['tokens:write'], dailyMutationLimit })).token

async function linesOfAll() {
  return db.selectFrom('tokens').select(['id', 'capped_by']).orderBy('id').execute()
}

describe('a token that another one minted', () => {
  it('uses up the cap of the one that minted it, and of the one before', async () => {
    const first = await capped(10)
    const second = await childOf(first, { dailyMutationLimit: 8 })
    const third = await childOf(second)
    expect([await left(first), await left(second), await left(third)]).toEqual(['8', '7', '7'])
    expect((await mint(third)).headers.get('x-pat-mut-remaining')).toBe('6')
    expect([await left(first), await left(second), await left(third)]).toEqual(['7', '6', '6'])
  })

  it('has a cap of its own besides, and a refusal gives everything back', async () => {
    const first = await capped(10)
    const second = await childOf(first, { dailyMutationLimit: 1 })
    expect((await mint(second)).status).toBe(201)
    const refused = await mint(second)
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, String(12 * 3600)])
    expect([await left(first), await left(second)]).toEqual(['8', '0'])
  })

  it('can do nothing more today once the one that minted it has used everything itself', async () => {
    const first = await capped(2)
    const second = await childOf(first)
    expect((await mint(first)).status).toBe(201)
    expect(await left(second)).toBe('0')
    expect((await mint(second)).status).toBe(429)
    service.clock.advance(86_400_000)
    expect((await mint(second)).status).toBe(201)
    expect(await left(first)).toBe('1')
  })

  it('is charged to nobody else where nobody has a cap', async () => {
    const free = await childOf(await capped(null))
    const limited = await childOf(free, { dailyMutationLimit: 1 })
    expect((await mint(limited)).status).toBe(201)
    expect((await mint(limited)).status).toBe(429)
    expect(await left(free)).toBe('unlimited')
  })
})

describe('a long line', () => {
  it('grows only with caps that differ, and ends', async () => {
    let token = await capped(1000)
    for (let cap = 1000; cap > 985; cap--) token = await childOf(token, { dailyMutationLimit: cap - 1 })
    const same = await childOf(await childOf(token))
    const lines = await linesOfAll()
    expect(lines.at(-1)?.capped_by).toHaveLength(16)
    expect(lines.at(-2)?.capped_by).toHaveLength(16)
    const refused = await mint(await childOf(same, { dailyMutationLimit: 5 }))
    expect(await refused.json()).toMatchObject({ code: 'PAT_GRANT_EXCEEDED' })
  })
})

describe('many at once', () => {
  it('get exactly as many changes as the cap allows, whichever token of the line they come with', async () => {
    const first = await capped(103)
    const tokens = [first, await childOf(first), await childOf(first), await childOf(first, { dailyMutationLimit: 50 })]
    const before = (await linesOfAll()).length
    const answers = await Promise.all(
      Array.from({ length: 1000 }, (_, index) => mint(tokens[index % tokens.length] ?? first)),
    )
    const count = (status: number) => answers.filter((answer) => answer.status === status).length
    expect([count(201), count(429), (await linesOfAll()).length - before]).toEqual([100, 900, 100])
    expect(await Promise.all(tokens.map(left))).toEqual(['0', '0', '0', '0'])
  })
})

describe('tokens from before', () => {
  it('get their lines from the audit log', async () => {
    const before = await linesOfAll()
    expect(before.some(({ capped_by }) => capped_by.length > 1)).toBe(true)
    await sql`UPDATE tokens SET capped_by = '{}'`.execute(db)
    await sql.raw(tokenCaps.statements[1] ?? '').execute(db)
    const after = await linesOfAll()
    const caps = new Map(
      (await db.selectFrom('tokens').select(['id', 'daily_mutation_limit']).execute()).map((row) => [
        row.id,
        row.daily_mutation_limit,
      ]),
    )
    // Equal caps in a line are one to who mints, and written out by the migration; what they allow is the same.
    const limits = (ids: readonly number[]) => [...new Set(ids.map((id) => caps.get(id)))]
    for (const [index, { id, capped_by }] of after.entries()) {
      expect(capped_by.length).toBeLessThanOrEqual(16)
      expect(limits(capped_by), String(id)).toEqual(limits(before[index]?.capped_by ?? []))
    }
  })
})
