import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { replaceEnvelopes } from '@owlery/server/security/rotation.store.ts'
import { rotateSecrets } from '@owlery/server/security/rotation.ts'
import { readKeyUse } from '@owlery/server/security/rotation-status.ts'
import { placeOf, type SealedTable, sealedTables } from '@owlery/server/security/sealed-columns.ts'
import { createSecretBox, type SecretBox } from '@owlery/server/security/secrets.ts'
import { sql } from 'kysely'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { freshDatabase } from '../support/database.ts'

const database = await freshDatabase()
const { db } = database
afterAll(() => database.close())

const oldKey = { id: 'default', key: 'old-key-0123456789abcdef0123456789abcdef' }
const newKey = { id: 'k2', key: 'new-key-fedcba9876543210fedcba9876543210' }
const before = await createSecretBox([oldKey])
const during = await createSecretBox([newKey, oldKey])
const after = await createSecretBox([newKey])

const secretsTable = sealedTable('organization_secrets')
const repliesTable = sealedTable('idempotency_keys')
const monitorsTable = sealedTable('monitors')

function sealedTable(name: string): SealedTable {
  const found = sealedTables.find(({ table }) => table === name)
  if (found === undefined) throw new Error(`${name} is not registered`)
  return found
}

const secretPlace = (id: number) => placeOf('organization_secrets', 'sealed_webhook_secret', [id])
const replyPlace = (owner: string, keyHash: Buffer) => placeOf('idempotency_keys', 'body', [owner, keyHash])

beforeEach(async () => {
  await sql`TRUNCATE organizations, idempotency_keys CASCADE`.execute(db)
})

const secretOf = (organizationId: number) => `the secret of ${organizationId}`

/** Organizations with a sealed secret each; their ids. */
async function seedSecrets(box: SecretBox, count: number): Promise<number[]> {
  const { rows } = await sql<{ id: number }>`
    INSERT INTO organizations (name, slug) SELECT 'Tenant', gen_random_uuid()::text
    FROM generate_series(1, ${count}::integer) RETURNING id`.execute(db)
  const ids = rows.map(({ id }) => id)
  const sealed = ids.map((id) => box.seal(secretOf(id), secretPlace(id)))
  await sql`INSERT INTO organization_secrets (organization_id, sealed_webhook_secret)
    SELECT * FROM unnest(${ids}::integer[], ${sealed}::text[])`.execute(db)
  return ids
}

async function storedSecrets(): Promise<Map<number, string>> {
  const rows = await db.selectFrom('organization_secrets').selectAll().execute()
  return new Map(rows.map((row) => [row.organization_id, row.sealed_webhook_secret]))
}

async function expectReadable(box: SecretBox, ids: readonly number[]): Promise<void> {
  const stored = await storedSecrets()
  for (const id of ids) expect(box.open(stored.get(id) ?? '', secretPlace(id))).toBe(secretOf(id))
}

const rotate = (box: SecretBox, isStopping = () => false) =>
  rotateSecrets({ db, secrets: box, tables: [secretsTable], isStopping })

describe('the registry', () => {
  test('lists every column of envelopes that the tables have', async () => {
    const { rows } = await sql<{ place: string }>`
      SELECT table_name || '.' || column_name AS place FROM information_schema.columns
      WHERE table_schema = 'public' AND data_type = 'text' AND column_name LIKE 'sealed\\_%'`.execute(db)
    const registered = sealedTables.filter(({ isMixed }) => isMixed !== true)
    expect(registered.flatMap(({ table, columns }) => columns.map((column) => `${table}.${column}`)).sort()).toEqual(
      rows.map(({ place }) => place).sort(),
    )
  })

  test('lists every table that the code seals for, but the queue, whose jobs end within a day', () => {
    const folder = new URL('../../server/src/', import.meta.url)
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'))
    const sealing = files
      .map((path) => readFileSync(new URL(path, folder), 'utf8'))
      .filter((text) => /seal\(/.test(text))
    const places = sealing.flatMap((text) => [...text.matchAll(/`([a-z_]+)\.(?:[a-z_]+|\$\{\w+\}):\$\{/g)])
    const registered = sealedTables.map(({ table }) => table)
    const others = places.flatMap(([, table = '']) => (registered.includes(table) ? [] : [table]))
    expect([...new Set(others)]).toEqual(['jobs'])
  })

  test('names keys by which every row is found', async () => {
    for (const { table, key } of sealedTables) {
      const { rows } = await sql<{ name: string; type: string }>`
        SELECT attribute.attname::text AS name, format_type(attribute.atttypid, NULL) AS type
        FROM pg_index CROSS JOIN unnest(indkey) WITH ORDINALITY AS part (number, place)
        JOIN pg_attribute AS attribute ON attrelid = indrelid AND attnum = part.number
        WHERE indisprimary AND indrelid = ${table}::regclass ORDER BY part.place`.execute(db)
      expect(rows, table).toEqual(key)
    }
  })
})

describe('rotating', () => {
  test('leaves nothing that needs the old key', async () => {
    const ids = await seedSecrets(before, 250)
    const reports = await rotate(during)
    expect(reports).toEqual([{ table: 'organization_secrets', envelopes: 250, rotated: 250, unreadable: [] }])
    await expectReadable(after, ids)
  })

  test('does nothing the second time', async () => {
    await seedSecrets(before, 3)
    await rotate(during)
    const stored = await storedSecrets()
    expect(await rotate(during)).toMatchObject([{ envelopes: 3, rotated: 0 }])
    expect(await storedSecrets()).toEqual(stored)
  })

  test('goes on where it was cut short', async () => {
    const ids = await seedSecrets(before, 250)
    let asked = 0
    const [cut] = await rotate(during, () => ++asked > 1)
    expect(cut?.rotated).toBe(50)
    await expectReadable(during, ids)
    expect(await rotate(during)).toMatchObject([{ envelopes: 250, rotated: 200 }])
    await expectReadable(after, ids)
  })

  test('is shared by two at once, and every row is sealed anew by one of them', async () => {
    const ids = await seedSecrets(before, 250)
    const both = await Promise.all([rotate(during), rotate(during)])
    expect(both.flat().reduce((sum, { rotated }) => sum + rotated, 0)).toBe(250)
    await expectReadable(after, ids)
  })

  test('reads every kind of column there is', async () => {
    const [organizationId = 0] = await seedSecrets(before, 1)
    const [present, absent] = [monitorsTable.columns.slice(1), monitorsTable.columns[0]]
    const { rows } = await sql<{ id: number }>`
      INSERT INTO monitors (organization_id, name, url, type, interval_sec, timeout_ms, keyword_match_type,
        heartbeat_grace_sec, alert_threshold, alert_on_degraded, tags, regions, uptime_target_bp, uptime_window_days, paused)
      VALUES (${organizationId}, 'Shop', 'https://example.com', 'https', 60, 1000, 'contains',
        60, 1, false, '{}', '{local}', 999, 30, false) RETURNING id`.execute(db)
    const id = rows[0]?.id ?? 0
    for (const column of present) {
      const envelope = before.seal(column, placeOf('monitors', column, [id]))
      await sql`UPDATE monitors SET ${sql.ref(column)} = ${envelope}`.execute(db)
    }
    const reports = await rotateSecrets({ db, secrets: during })
    expect(reports.filter(({ rotated }) => rotated > 0)).toMatchObject([
      { table: 'monitors', rotated: present.length },
      { table: 'organization_secrets', rotated: 1 },
    ])
    const monitor: Record<string, unknown> = await db.selectFrom('monitors').selectAll().executeTakeFirstOrThrow()
    for (const column of present) {
      expect(after.open(String(monitor[column]), placeOf('monitors', column, [id]))).toBe(column)
    }
    expect(monitor[absent ?? '']).toBeNull()
  })

  test('leaves alone what is no envelope, in a column that holds both', async () => {
    const plain = ['{"id":1}', '{"v":2,"kid":7}', '{"v":2,', '', null]
    const keys = Array.from({ length: 3 }, () => ({ owner: 'token:1', keyHash: randomBytes(32) }))
    const sealed = keys.map(({ owner, keyHash }) => before.seal('{"token":"x"}', replyPlace(owner, keyHash)))
    const replies = [
      ...plain.map((body) => ({ owner: 'user:1:1', keyHash: randomBytes(32), body })),
      ...keys.map((key, index) => ({ ...key, body: sealed[index] ?? null })),
    ]
    for (const { owner, keyHash, body } of replies) {
      const row = { owner, key_hash: keyHash, fingerprint: keyHash, status: 201, headers: '{}', body }
      await db.insertInto('idempotency_keys').values(row).execute()
    }
    expect(await rotateSecrets({ db, secrets: during, tables: [repliesTable] })).toMatchObject([
      { envelopes: 3, rotated: 3, unreadable: [] },
    ])
    const stored = await db.selectFrom('idempotency_keys').selectAll().execute()
    for (const { owner, keyHash, body } of replies) {
      const now = stored.find((row) => row.key_hash.equals(keyHash))?.body
      if (owner === 'user:1:1') expect(now).toBe(body)
      else expect(after.open(now ?? '', replyPlace(owner, keyHash))).toBe('{"token":"x"}')
    }
  })

  test('does not replace what has changed since it was read', async () => {
    const [id = 0] = await seedSecrets(before, 1)
    const read = (await storedSecrets()).get(id) ?? ''
    const written = during.seal('a newer secret', secretPlace(id))
    await sql`UPDATE organization_secrets SET sealed_webhook_secret = ${written}`.execute(db)
    const stale = { key: [id], before: [read], after: ['a stale one'] }
    expect(await replaceEnvelopes(db, secretsTable, [stale])).toEqual([])
    expect((await storedSecrets()).get(id)).toBe(written)
  })

  test('names envelopes that were swapped between rows, opens none of them and leaves them', async () => {
    const [one = 0, other = 0, third = 0] = await seedSecrets(before, 3)
    const stored = await storedSecrets()
    await sql`UPDATE organization_secrets SET sealed_webhook_secret = CASE organization_id
      WHEN ${one} THEN ${stored.get(other)} WHEN ${other} THEN ${stored.get(one)}
      ELSE sealed_webhook_secret END`.execute(db)
    const places = [one, other].map((id) => secretPlace(id))
    expect(await rotate(during)).toMatchObject([{ envelopes: 3, rotated: 1, unreadable: places }])
    const left = await storedSecrets()
    expect([left.get(one), left.get(other)]).toEqual([stored.get(other), stored.get(one)])
    await expectReadable(after, [third])
  })

  test('without the old key it destroys nothing', async () => {
    const ids = await seedSecrets(before, 2)
    expect(await rotate(after)).toMatchObject([{ rotated: 0, unreadable: ids.map((id) => secretPlace(id)) }])
    await expectReadable(before, ids)
    expect(await rotate(during)).toMatchObject([{ rotated: 2, unreadable: [] }])
  })
})

test('the count tells which key still has work to do', async () => {
  const use = async () =>
    (await readKeyUse(db, [secretsTable])).find(({ column }) => column.startsWith('organization_secrets'))?.byKeyId
  await seedSecrets(before, 3)
  await seedSecrets(after, 2)
  expect(await use()).toEqual(
    new Map([
      ['default', 3],
      ['k2', 2],
    ]),
  )
  await rotate(during)
  expect(await use()).toEqual(new Map([['k2', 5]]))
})
