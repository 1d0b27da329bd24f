import { csvOf } from '@owlery/server/platform/audit-logs.export.ts'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { createOrganization, createPerson, type Person } from '../support/actors.ts'
import { countQueries } from '../support/counted.ts'
import { freshService, origin } from '../support/service.ts'

const service = await freshService()
const { db } = service.services.database
const heading = 'id,createdAt,actorUserId,actorPatId,actorEmail,action,resource,meta'

async function createOwner(): Promise<Person> {
  return createPerson(service, await createOrganization(service), 'owner')
}

async function write(person: Person, resources: readonly string[], email: string | null = null): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    INSERT INTO audit_logs (organization_id, actor_email, action, resource, meta, created_at)
    SELECT ${person.organizationId}::integer, ${email}::text, 'LOGIN', resource, '{"ua":"say \\"hi\\", you"}',
      '2026-03-01T12:00:00Z'
    FROM unnest(${[...resources]}::text[]) WITH ORDINALITY AS given (resource, place) ORDER BY place
    RETURNING id`.execute(db)
  return rows.map(({ id }) => id)
}

const download = (person: Person, query: { action?: 'LOGIN'; limit?: number; resource?: string } = {}) =>
  service.client(person.session).platform.auditLogs.list({ ...query, format: 'csv' })

const exportsOf = ({ organizationId }: Person) =>
  db
    .selectFrom('audit_logs')
    .select(['resource', 'meta'])
    .where('organization_id', '=', organizationId)
    .where('action', '=', 'EXPORT_AUDIT_LOG')
    .execute()

describe('the download', () => {
  test('has a heading, and every column of every row as RFC 4180 writes them', async () => {
    const owner = await createOwner()
    const [id] = await write(owner, ['monitor:1'], 'ada@example.com')
    const text = await download(owner, { action: 'LOGIN' })
    expect(text).toBe(
      `${heading}\r\n${id},2026-03-01T12:00:00.000Z,,,ada@example.com,LOGIN,monitor:1,"{""ua"":""say \\""hi\\"", you""}"\r\n`,
    )
  })

  test('is an attachment', async () => {
    const { session } = await createOwner()
    const response = await service.fetch(`${origin}/api/v1/audit-logs?format=csv`, {
      headers: { authorization: `Bearer ${session}` },
    })
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present')
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="audit-log.csv"')
    expect(response.headers.get('cache-control')).toBe('no-store')
  })

  test.each(['=1+1', '+1', '-1', '@sum(a1)', '\tx', '\rx', '\nx', '＝1'])('disarms %j', async (text) => {
    const owner = await createOwner()
    await write(owner, [text], text)
    const [line = ''] = (await download(owner, { action: 'LOGIN' })).slice(heading.length + 2).split(/\r\n$/)
    const cell = /[\r\n]/.test(text) ? `"'${text}"` : `'${text}`
    expect(line.split(',').slice(4, 7)).toEqual([cell, 'LOGIN', cell])
  })

  test('holds everything that fits the filters, unless a limit is given, over many pages', async () => {
    const owner = await createOwner()
    const resources = Array.from({ length: 2500 }, (_, index) => `monitor:${index}`)
    await write(owner, resources)
    const cells = (text: string) =>
      text
        .split('\r\n')
        .slice(1, -1)
        .map((line) => line.split(',')[6])
    expect(cells(await download(owner, { action: 'LOGIN' }))).toEqual(resources.toReversed())
    expect(cells(await download(owner, { action: 'LOGIN', limit: 3 }))).toEqual(resources.slice(-3).toReversed())
    expect(cells(await download(owner, { resource: 'monitor:7' }))).toEqual(['monitor:7'])
    expect(cells(await download(owner, { resource: 'none' }))).toEqual([])
  })

  test('is audited with its filters, and no other way of reading is', async () => {
    const owner = await createOwner()
    await service.client(owner.session).platform.auditLogs.list()
    expect(await exportsOf(owner)).toEqual([])
    await download(owner, { resource: 'monitor:7', limit: 3 })
    expect(await exportsOf(owner)).toMatchObject([
      { resource: `organization:${owner.organizationId}`, meta: { filter: { resource: 'monitor:7', limit: 3 } } },
    ])
  })
})

describe('the stream', () => {
  async function countedStream(rows: number) {
    const { organizationId, ...owner } = await createOwner()
    await write(
      { organizationId, ...owner },
      Array.from({ length: rows }, (_, index) => `monitor:${index}`),
    )
    const counted = countQueries(db)
    const whole = { organizationId, filter: {}, after: undefined, limit: Infinity }
    const reader = csvOf(counted.db, whole).getReader()
    const settle = () => new Promise((resolve) => setTimeout(resolve, 100))
    return { reader, settle, queries: counted.queries }
  }

  test('reads a page only when somebody asks for it', async () => {
    const { reader, settle, queries } = await countedStream(5000)
    await settle()
    expect(queries()).toBe(0)
    await reader.read()
    await settle()
    expect(queries()).toBe(1)
    await reader.read()
    await settle()
    expect(queries()).toBe(2)
  })

  test('reads nothing more once its reader has gone', async () => {
    const { reader, settle, queries } = await countedStream(5000)
    await reader.read()
    await reader.cancel()
    await settle()
    expect(queries()).toBe(1)
  })
})
