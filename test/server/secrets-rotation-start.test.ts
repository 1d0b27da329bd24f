import { rotateAtStart } from '@owlery/server/security/rotation-at-start.ts'
import { readKeyUse } from '@owlery/server/security/rotation-status.ts'
import { createSecretBox } from '@owlery/server/security/secrets.ts'
import { beforeEach, expect, test } from 'vitest'
import { createOrganization } from '../support/actors.ts'
import { freshService } from '../support/service.ts'

const oldKey = { id: 'default', key: 'old-key-0123456789abcdef0123456789abcdef' }
const newKey = { id: 'k2', key: 'new-key-fedcba9876543210fedcba9876543210' }

const service = await freshService({ config: { encryptionKeys: [newKey, oldKey] } })
const { services } = service
const { database } = services
const embedded = { ...services, database: { ...database, kind: 'pglite' } } as const
const onServer = { ...services, database: { ...database, kind: 'postgres' } } as const

async function keyIds(): Promise<string[]> {
  const use = await readKeyUse(database.db)
  return use.flatMap(({ column, byKeyId }) => (column.startsWith('organization_secrets.') ? [...byKeyId.keys()] : []))
}

beforeEach(async () => {
  await database.db.deleteFrom('organization_secrets').execute()
  const organizationId = await createOrganization(service)
  const sealed = (await createSecretBox([oldKey])).seal(
    'hush',
    `organization_secrets.sealed_webhook_secret:${organizationId}`,
  )
  const row = { organization_id: organizationId, sealed_webhook_secret: sealed }
  await database.db.insertInto('organization_secrets').values(row).execute()
})

test('an embedded database is rotated by its server, which says so once', async () => {
  const before = service.logged.length
  await rotateAtStart(embedded)
  expect(await keyIds()).toEqual(['k2'])
  await rotateAtStart(embedded)
  const lines = service.logged.slice(before).map((line): unknown => JSON.parse(line))
  expect(lines).toMatchObject([{ rotated: 1, msg: 'stored secrets are sealed with the first key now' }])
})

test('with one key, or on a server with other processes, nothing happens by itself', async () => {
  await rotateAtStart(onServer)
  await rotateAtStart({ ...embedded, config: { ...services.config, encryptionKeys: [newKey] } })
  expect(await keyIds()).toEqual(['default'])
})

test('what no key opens is named in the log, and stays', async () => {
  const stranger = await createSecretBox([{ id: 'k2', key: 'stranger-0123456789abcdef0123456789abcdef' }])
  const before = service.logged.length
  await rotateAtStart({ ...embedded, secrets: stranger })
  expect(await keyIds()).toEqual(['default'])
  const lines = service.logged.slice(before).map((line): unknown => JSON.parse(line))
  expect(lines).toMatchObject([
    { unreadable: [expect.stringMatching(/^organization_secrets\.sealed_webhook_secret:\d+$/)] },
  ])
})
