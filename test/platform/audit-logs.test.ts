import { sealBatch } from '@owlery/server/audit/sealer.ts'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { createOrganization, createPerson, createToken, type Person } from '../support/actors.ts'
import { freshService, origin } from '../support/service.ts'

const service = await freshService()
const { db } = service.services.database

/** The owner of an organization of their own, so that no test sees the rows of another. */
async function createOwner(): Promise<Person> {
  return createPerson(service, await createOrganization(service), 'owner')
}

const logsOf = (person: Person) => service.client(person.session).platform.auditLogs

type Row = { readonly resource: string; readonly action?: string; readonly moment?: string; readonly email?: string }

async function write(person: Person, rows: readonly Row[]): Promise<number[]> {
  const ids: number[] = []
  for (const { resource, action = 'LOGIN', moment = '2026-03-01T12:00:00Z', email = 'ada@example.com' } of rows) {
    const inserted = await db
      .insertInto('audit_logs')
      .values({
        organization_id: person.organizationId,
        actor_user_id: person.userId,
        actor_email: email,
        action,
        resource,
        meta: JSON.stringify({ ip: '203.0.113.9', ua: null }),
        created_at: sql<Date>`${moment}::timestamptz`,
      })
      .returning('id')
      .executeTakeFirstOrThrow()
    ids.push(inserted.id)
  }
  return ids
}

describe('a row', () => {
  test('says who did what to which thing, with which token, from where', async () => {
    const owner = await createOwner()
    const token = await createToken(service, owner)
    const before = Date.now()
    const made = await service.client(token.token).platform.tokens.create({ name: 'bot' })
    const [row] = await logsOf(owner).list({ action: 'CREATE_TOKEN' })
    expect(row).toMatchObject({
      actorUserId: owner.userId,
      actorPatId: token.id,
      actorEmail: owner.email,
      action: 'CREATE_TOKEN',
      resource: `token:${made.id}`,
      meta: { ip: '127.0.0.1', name: 'bot' },
    })
    expect(Object.keys(row ?? {})).toEqual([
      'id',
      'createdAt',
      'actorUserId',
      'actorPatId',
      'actorEmail',
      'action',
      'resource',
      'meta',
    ])
    expect(row?.meta).toHaveProperty('ua')
    expect(Math.abs(Date.parse(row?.createdAt ?? '') - before)).toBeLessThan(60_000)
    expect(JSON.stringify(row)).not.toContain(made.token.slice(12))
  })

  test('has no token when a session did it, and names the agent behind the caller', async () => {
    const owner = await createOwner()
    const headers = { 'X-Agent-Id': 'deployer', 'X-Conversation-Id': 'c-42', 'User-Agent': 'agent/1' }
    await service.client(owner.session).platform.tokens.create({ name: 'bot' }, { headers })
    const [row] = await logsOf(owner).list()
    expect(row?.actorPatId).toBeNull()
    expect(row?.meta).toMatchObject({ agentId: 'deployer', conversationId: 'c-42', ua: 'agent/1' })
  })
})

describe('the list', () => {
  test('is newest first, a hundred rows unless told otherwise, and goes on page by page', async () => {
    const owner = await createOwner()
    // Every other one is older than the one before it, as rows of slow transactions are.
    const rows = Array.from({ length: 120 }, (_, index) => ({
      resource: `user:${index}`,
      moment: new Date(Date.UTC(2026, 2, 1) + Math.floor(index / 3) * 1000 - (index % 2) * 5000).toISOString(),
    }))
    await write(owner, rows)
    const inOrder = rows
      .map((row, index) => ({ ...row, index }))
      .sort((a, b) => b.moment.localeCompare(a.moment) || b.index - a.index)
      .map(({ resource }) => resource)
    const page = await logsOf(owner).list()
    expect(page.map(({ resource }) => resource)).toEqual(inOrder.slice(0, 100))
    const seen: string[] = []
    for await (const { resource } of logsOf(owner).list({ limit: 7 })) seen.push(resource)
    expect(seen).toEqual(inOrder)
  })

  test('goes on below an id that is none of its rows', async () => {
    const owner = await createOwner()
    const [first = 0, second = 0] = await write(owner, [{ resource: 'user:1' }, { resource: 'user:2' }])
    const ids = async (before: number) => (await logsOf(owner).list({ before })).map(({ id }) => id)
    expect(await ids(Number.MAX_SAFE_INTEGER)).toEqual([second, first])
    const [foreign = 0] = await write(await createOwner(), [{ resource: 'user:3' }])
    expect(await ids(foreign)).toEqual([second, first])
  })

  test('is narrowed by every filter, alone and together', async () => {
    const owner = await createOwner()
    const admin = await createPerson(service, owner.organizationId, 'admin')
    const token = await createToken(service, admin)
    await service.client(owner.session).platform.tokens.create({ name: 'one' })
    await service.client(admin.session).platform.tokens.create({ name: 'two' })
    const made = await service.client(token.token).platform.tokens.create({ name: 'three' })
    await service.client(token.token).platform.tokens.delete(made.id)
    const names = async (query: Parameters<ReturnType<typeof logsOf>['list']>[0]) =>
      (await service.client(owner.session).platform.auditLogs.list({ ...query, format: 'json' })).map(
        ({ action, meta }) => `${action} ${String(meta['name'] ?? '')}`,
      )
    expect(await names({ action: 'REVOKE_TOKEN' })).toEqual(['REVOKE_TOKEN '])
    expect(await names({ actor: owner.userId })).toEqual(['CREATE_TOKEN one'])
    expect(await names({ pat_id: token.id })).toEqual(['REVOKE_TOKEN ', 'CREATE_TOKEN three'])
    expect(await names({ resource: `token:${made.id}` })).toEqual(['REVOKE_TOKEN ', 'CREATE_TOKEN three'])
    expect(await names({ actor: admin.userId, action: 'CREATE_TOKEN' })).toEqual([
      'CREATE_TOKEN three',
      'CREATE_TOKEN two',
    ])
    expect(await names({ actor: owner.userId, pat_id: token.id })).toEqual([])
  })

  test('takes both ends of a range of time in, to the millisecond that it shows', async () => {
    const owner = await createOwner()
    await write(owner, [
      { resource: 'user:1', moment: '2026-03-01T12:00:00.000999Z' },
      { resource: 'user:2', moment: '2026-03-01T12:00:00.001Z' },
      { resource: 'user:3', moment: '2026-03-01T12:00:00.002999Z' },
      { resource: 'user:4', moment: '2026-03-01T12:00:00.003Z' },
    ])
    const between = async (from: string, to: string) =>
      (await logsOf(owner).list({ from, to })).map(({ resource }) => resource)
    expect(await between('2026-03-01T12:00:00.001Z', '2026-03-01T12:00:00.002Z')).toEqual(['user:3', 'user:2'])
    expect(await between('2026-03-01T13:00:00.003+01:00', '2026-03-01T12:00:00.003Z')).toEqual(['user:4'])
    const outcome = await logsOf(owner).list({ from: '2026-03-01T12:00:01Z', to: '2026-03-01T12:00:00Z' }).result()
    expect(!outcome.ok && outcome.error.code).toBe('BAD_TIME_RANGE')
  })

  test.each(['limit=0', 'limit=1001', 'action=NOTHING', 'actor=x', 'format=xml', 'before=0', 'since=1'])(
    'refuses %s',
    async (query) => {
      const { session } = await createOwner()
      const response = await service.send(`${origin}/api/v1/audit-logs?${query}`, {
        headers: { authorization: `Bearer ${session}` },
      })
      expect(response.status).toBe(400)
      expect(await response.json()).toMatchObject({
        code: 'VALIDATION_FAILED',
        fields: [{ path: query.split('=')[0] }],
      })
    },
  )

  test('is no one else’s, and reading it leaves no row', async () => {
    const [owner, stranger] = [await createOwner(), await createOwner()]
    await write(owner, [{ resource: 'user:1' }])
    expect(await logsOf(stranger).list()).toEqual([])
    expect(await logsOf(owner).list()).toHaveLength(1)
    expect(await logsOf(owner).list()).toHaveLength(1)
  })
})

describe('verifying', () => {
  test('answers for the caller’s own chain, with a head to keep', async () => {
    const [owner, stranger] = [await createOwner(), await createOwner()]
    await write(stranger, [{ resource: 'user:1' }])
    await write(owner, [{ resource: 'user:1' }, { resource: 'user:2', moment: '2026-03-01T12:00:01Z' }])
    expect(await logsOf(owner).verify()).toEqual({
      ok: true,
      checked: 0,
      sealedThrough: null,
      unsealed: 2,
      firstBreak: null,
      head: null,
    })
    while ((await sealBatch(db)) > 0);
    const { head, ...rest } = await logsOf(owner).verify()
    expect(rest).toEqual({
      ok: true,
      checked: 2,
      sealedThrough: '2026-03-01T12:00:01.000Z',
      unsealed: 0,
      firstBreak: null,
    })
    expect(head).toMatchObject({ position: 2, hash: expect.stringMatching(/^[0-9a-f]{64}$/) })
    expect((await logsOf(owner).verify({ expectedHead: `2:${head?.hash}` })).ok).toBe(true)
    expect((await logsOf(owner).verify({ expectedHead: `1:${head?.hash}` })).firstBreak).toEqual({
      position: 1,
      auditLogId: null,
      reason: 'HEAD_CHANGED',
    })
  })

  test('shows where the log was changed', async () => {
    const owner = await createOwner()
    const [, second] = await write(owner, [{ resource: 'user:1' }, { resource: 'user:2' }, { resource: 'user:3' }])
    while ((await sealBatch(db)) > 0);
    await db.transaction().execute(async (tx) => {
      await sql`SET LOCAL session_replication_role = replica`.execute(tx)
      await sql`UPDATE audit_logs SET resource = 'user:9' WHERE id = ${second}`.execute(tx)
    })
    expect(await logsOf(owner).verify()).toMatchObject({
      ok: false,
      checked: 2,
      firstBreak: { position: 2, auditLogId: second, reason: 'ROW_CHANGED' },
    })
  })

  test.each(['1', `0:${'0'.repeat(64)}`, `1:${'0'.repeat(63)}`, `1:${'A'.repeat(64)}`, `x${'0'.repeat(66)}`])(
    'refuses the head %s',
    async (expectedHead) => {
      const outcome = await logsOf(await createOwner())
        .verify({ expectedHead })
        .result()
      expect(!outcome.ok && outcome.error.fields?.map(({ path }) => path)).toContain('expectedHead')
    },
  )
})
